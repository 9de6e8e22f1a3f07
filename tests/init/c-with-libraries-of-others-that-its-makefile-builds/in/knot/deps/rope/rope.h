int knots(int length);
