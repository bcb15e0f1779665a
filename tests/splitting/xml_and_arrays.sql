SELECT '{a,"b;"}'::text[]; SELECT ARRAY['a;', 'b''c;']; SELECT ROW(1, 'a;');
