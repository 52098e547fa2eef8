"""After a round: who follows what came of its talks, what is overdue, and which talks are about no known pair."""
