SELECT :nobody;
