SELECT 1; -- it's
SELECT 'a;
b';
/* ;
 */
SELECT 3;
