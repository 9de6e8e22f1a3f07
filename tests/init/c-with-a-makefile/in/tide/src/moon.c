int moon;
