SELECT 'a;''b;'; SELECT E'a''\';';
