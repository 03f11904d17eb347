const DAYS =
  '(("0" [13578] | "1" [02]) "-" ("0" [1-9] | [12] [0-9] | "3" [01]) | ("0" [469] | "11") "-" ("0" [1-9] | [12] [0-9] | "30") | "02-" ("0" [1-9] | "1" [0-9] | "2" [0-8]))';
const DATE = `[0-9]{4} "-" ${DAYS}`;
const TIME =
  '([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9] ":" [0-5] [0-9] ("." [0-9]{3})? ("Z" | [-+] ([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9])';
const HOST = '[a-z0-9] ([a-z0-9-]{0,20} [a-z0-9])? ("." [a-z0-9] ([a-z0-9-]{0,20} [a-z0-9])?){0,4}';

/** What a string of a JSON Schema `format` looks like, in GBNF: no more than the format allows, if not all of it. */
export const STRING_FORMATS: Readonly<Record<string, string>> = {
  duration: '"P" ([0-9]{1,3} "D" | "T" [0-9]{1,3} [HMS])',
  email:
    '[a-z0-9]{1,20} ([._+-] [a-z0-9]{1,20}){0,3} "@" ([a-z0-9] [a-z0-9-]{0,20} [a-z0-9] "."){1,3} [a-z]{2,8}',
  hostname: HOST,
  ipv4: '("25" [0-5] | "2" [0-4] [0-9] | "1" [0-9] [0-9] | [1-9]? [0-9]) ("." ("25" [0-5] | "2" [0-4] [0-9] | "1" [0-9] [0-9] | [1-9]? [0-9])){3}',
  ipv6: '[0-9a-f]{1,4} (":" [0-9a-f]{1,4}){7}',
  date: DATE,
  'date-time': `${DATE} "T" ${TIME}`,
  time: TIME,
  // A top level domain of letters, since a host that ends in a number has to be an address.
  uri: `"http" "s"? "://" ([a-z] [a-z0-9]{0,20} "."){1,3} [a-z]{2,8} ("/" [A-Za-z0-9._~-]{1,40}){0,8} "/"?`,
  uuid: '[0-9a-f]{8} "-" [0-9a-f]{4} "-" [0-9a-f]{4} "-" [0-9a-f]{4} "-" [0-9a-f]{12}',
};
