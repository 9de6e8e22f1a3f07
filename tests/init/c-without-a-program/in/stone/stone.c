int stone;
