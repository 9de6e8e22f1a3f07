int rope;
