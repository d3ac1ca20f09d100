/*
 * The form of the model language. What it means is said in docs/language.md.
 *
 * Two tokens of lookahead decide everywhere, so that a syntax error is found where it is made. White space separates words and means
 * nothing else; the one place where that would be ambiguous, "let h = a (b, c) = f()", is settled before parsing: a parenthesis whose
 * partner stands before "=" is a NAMES token.
 */
grammar Sy;

tokens { NAMES }

file: (model | function)* EOF;

model: MODEL name OPEN (parameter (COMMA parameter)*)? CLOSE ARROW OPEN (parameter (COMMA parameter)*)? CLOSE block;

function: FN name OPEN (parameter (COMMA parameter)*)? CLOSE ARROW results BEGIN statement* giving END;

parameter: name COLON type;

results: type | OPEN type (COMMA type)* CLOSE;

type: name (LIST dimension (COMMA dimension)* TSIL | LIST TSIL | OPEN type CLOSE)?;

dimension: ANY | ELLIPSIS | expression;

block: BEGIN statement* END;

statement
    : LET target (COLON type)? BECOMES expression               # let
    | target BECOMES expression                                 # assign
    | PARAM name COLON type (BECOMES name OPEN arguments CLOSE)? # param
    | STATE name COLON type                                     # state
    | WEIGHTS TEXT                                              # weights
    | OPSET (name (DOT name)*)? WHOLE                           # opset
    | FOR name IN expression RANGE expression block             # for
    | IF expression block (ELSE block)?                         # if
    ;

giving: RETURN expression (COMMA expression)*;

target: name | NAMES (name | NONE) (COMMA (name | NONE))* CLOSE;

/* Strongest first. */
expression
    : expression LIST index (COMMA index)* TSIL                                 # slice
    | expression DOT name (OPEN arguments CLOSE)?                               # member
    | op = (MINUS | NOT) expression                                             # unary
    | <assoc = right> expression op = POWER expression                          # binary
    | expression op = AT expression                                             # binary
    | expression op = (TIMES | OVER | MODULO) expression                        # binary
    | expression op = (PLUS | MINUS) expression                                 # binary
    | expression op = (EQUAL | UNEQUAL | LESS | AT_MOST | GREATER | AT_LEAST) expression # binary
    | expression op = AND expression                                            # binary
    | expression op = XOR expression                                            # binary
    | expression op = OR expression                                             # binary
    | name OPEN arguments CLOSE                                                 # call
    | name                                                                      # variable
    | (WHOLE | REAL | TEXT)                                                     # literal
    | LIST (expression (COMMA expression)*)? TSIL                               # list
    | OPEN expression (COMMA expression)* CLOSE                                 # group
    ;

index: ELLIPSIS | start = expression? COLON end = expression? (COLON step = expression?)? | at = expression;

arguments: (argument (COMMA argument)*)?;

argument: name BECOMES (expression | graph) | expression | NONE;

/* An attribute that is a graph. */
graph: BEGIN (input (COMMA input)* ARROW)? (expression (COMMA expression)* | statement* giving) END;

input: name COLON (type | NONE);

/* Words that are keywords only at the beginning of a statement may be names. */
name: NAME | STATE | WEIGHTS | OPSET;

MODEL: 'model';
FN: 'fn';
LET: 'let';
PARAM: 'param';
STATE: 'state';
WEIGHTS: 'weights';
OPSET: 'opset';
FOR: 'for';
IN: 'in';
IF: 'if';
ELSE: 'else';
RETURN: 'return';
NOT: 'not';
AND: 'and';
XOR: 'xor';
OR: 'or';
NONE: '_';
OPEN: '(';
CLOSE: ')';
LIST: '[';
TSIL: ']';
BEGIN: '{';
END: '}';
ARROW: '->';
COMMA: ',';
COLON: ':';
ELLIPSIS: '...';
RANGE: '..';
DOT: '.';
ANY: '?';
EQUAL: '==';
UNEQUAL: '!=';
AT_MOST: '<=';
AT_LEAST: '>=';
LESS: '<';
GREATER: '>';
BECOMES: '=';
POWER: '**';
AT: '@';
TIMES: '*';
OVER: '/';
MODULO: '%';
PLUS: '+';
MINUS: '-';
WHOLE: [0-9]+;
REAL: [0-9]+ '.' [0-9]+ EXPONENT? | [0-9]+ EXPONENT;
NAME: [A-Za-z_] [A-Za-z0-9_]*;
TEXT: '"' (~["\\\r\n] | '\\' ~[\r\n])* '"';
COMMENT: '//' ~[\r\n]* -> channel(HIDDEN);
SPACE: [ \t\r\n]+ -> skip;

/* What begins like a text and does not end, and what begins like nothing. */
UNENDED: '"' (~["\\\r\n] | '\\' ~[\r\n])* '\\'?;
OTHER: .;

fragment EXPONENT: [eE] [+-]? [0-9]+;
