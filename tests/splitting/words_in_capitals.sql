SeLeCt 1; SELECT E'\';'; sElEcT N'a;', X'1';
