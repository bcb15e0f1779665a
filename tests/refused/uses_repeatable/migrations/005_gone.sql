SELECT * FROM v JOIN v AS again USING (x);
