// Served as a file beside these modules: browsers resolve no package names.
export { lexer, type Token, type Tokens } from 'marked';
