UPDATE elsewhere SET x = 1;
