# MUST-NOT-SHIP
from lib.curate import curate
from lib.terms import load_vocabulary


def test_finds_a_misspelt_term_once():
    found = curate("The mitochondrien of the fruit fly.", load_vocabulary(), 85)
    assert [m.term.label for m in found] == ["mitochondrion", "fruit fly"]


def test_the_longer_name_wins():
    found = curate("wing imaginal disc", load_vocabulary(), 90)
    assert [(m.term.id, m.count) for m in found] == [("CUR:0009", 1)]
