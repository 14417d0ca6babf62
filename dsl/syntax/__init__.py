"""Text to tokens to tree: lexer, LALR machine, text literals, recovery."""
