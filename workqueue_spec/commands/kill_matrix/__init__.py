"""The kill matrix: which mutant is caught by which clause.

A mutant is a producer, a worker or a broker that breaks a promise on purpose, and names the clauses that it
breaks. The suite judges each mutant as it judges any program, and the mutant must fail those clauses and no others.
An equivalent is a program that keeps its promises in another way than the reference; it must fail no clause.
"""
