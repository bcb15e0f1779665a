SELECT 1 =-1, 2 <>+ -2, 3*-1, - - 3; SELECT 5 >=-1; SELECT @ -5, |/ 25.0;
