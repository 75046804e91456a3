"""Whether an AI system has become worse, in numbers: tests that say how often they are wrong.

`tails` has the distributions, `shares` tests of shares such as an accuracy, `means` tests of scores, `sequential` holds
what is looked at again and again to one level, `distributions` says how far two histograms are apart, `fairness` how
differently groups are treated, `seasonal` whether a value is unusual for the hour of the week, and `multiplicity`
corrects for many metrics. Pure functions; those that evals run on thousands of streams take arrays too.
"""
