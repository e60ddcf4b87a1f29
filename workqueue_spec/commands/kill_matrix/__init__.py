"""The kill matrix: which mutant is caught by which clause.

A mutant is a producer, a worker or a broker that breaks a promise on purpose, and names the clauses that it
breaks. Each is judged by the suite itself, as any program would be, and must fail those clauses and no others.
A program that keeps its promises in another way than the reference, an equivalent, must fail none.
"""
