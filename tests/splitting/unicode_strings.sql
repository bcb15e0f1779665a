SELECT U&'d\0061t\+000061; a', u&'it''s; \\'; SELECT U&'\0061' ;
