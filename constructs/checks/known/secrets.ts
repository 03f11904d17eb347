/**
 * What tells a secret that stands in plain text: names of settings, words that mean "none", references that are filled
 * in later, and the forms of well-known tokens.
 */

/** What follows a name of one of these is a secret. */
const SECRET_WORDS = [
  'password|passwd|passphrase|passcode|pwd|pass',
  'secret|secrets|secret_key_base',
  'token|tokens',
  'api_?key|api_?keys|api_?secret|app_?key',
  '(?:secret|private|encryption|encrypt|decryption|signing|signature|master|admin|auth|jwt|session|cookie|hmac|aes|fernet|crypt|crypto|license|licence|account|storage|shared|service_role|deploy)_?(?:access_?)?key',
  '(?:aws|azure|storage|account)_access_key|secret_access_key',
  'client_key_data|credential|credentials|creds',
  'requirepass|masterauth|neo4j_auth|redis_auth|basic_auth|http_auth',
  'connection_?string|authorization|x_api_key|bearer',
];
/** Words that are also written without anything before them: `PGPASSWORD`, `authtoken`. */
const GLUED = 'password|passwd|apikey|secretkey|accesstoken|authtoken';
const SECRET_NAME = new RegExp(`(?:(?:^|_)(?:${SECRET_WORDS.join('|')})|${GLUED})$`);
/** What no secret is meant by, although its name ends like one. */
const OTHER_NAME = new RegExp(
  [
    // Tokens that a model reads and writes, and counts of them.
    '(?:^|_)(?:max|min|num|n|total|bos|eos|pad|unk|sep|cls|mask|stop|start|end|image|audio|video|special|new|input|output|prompt|completion|context|per|by|next|page|continuation|sync|first|last|thinking|reasoning|budget|chunk|limit|truncate|batch|batched|added|extra|generated|cached|draft|speculative|prefill|decode|keep|ignore|decoder|vocab|placeholder|cost|price|count|length|rate)_(?:[a-z]+_)*tokens?$',
    // Names of Secrets, and switches.
    '(?:^|_)(?:pull|pulls|tls|ssl|ca|cert|certs|certificate|existing|image|registry_pull|root_ca|serving_cert)_secrets?$',
    '^(?:enable|enabled|disable|disabled|use|has|is|allow|allowed|require|required|show|hide|reset|forgot|change|generate|auto|skip|no|with|supports?|should|can|must|force|validate|verify|check|rotate|expire|mount|automount|create|delete|update|send|forward|include|remove|strip)_',
    '(?:^|_)(?:public|site|publishable|anon|by)_(?:api_)?(?:key|token)$',
    '(?:^|_)(?:compass|bypass|trespass|one_pass|two_pass|multi_pass|single_pass|proxy_pass|fastcgi_pass|uwsgi_pass|grpc_pass)$',
    // Empty passwords, and the name of an etcd cluster.
    'allow_empty_(?:root_)?password$|initial_cluster_token$',
  ].join('|'),
);

/** A quick look, since hardly any name is one. */
const ANY_SECRET_WORD = /pass|pwd|secret|token|key|cred|auth|bearer|connection/i;

/** Whether a setting's name (`OPENAI_API_KEY`, `db.adminPassword`, `--api-key`) says that its value is a secret. */
export function isSecretName(name: string): boolean {
  if (name.length > 120 || !ANY_SECRET_WORD.test(name)) return false;
  const last = name.slice(Math.max(name.lastIndexOf('.'), name.lastIndexOf('/')) + 1);
  const words = last
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .replace(/[^A-Za-z\d]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .toLowerCase();
  return SECRET_NAME.test(words) && !OTHER_NAME.test(words);
}

/** Names whose values are often counts, so that a number there is none. */
const MAY_COUNT = /tokens?$|pass$/i;
/** Words that say there is no secret, or that somebody else gives it. */
const NONE =
  /^(?:|none|null|nil|undefined|empty|n\/?a|no|yes|true|false|on|off|enabled?|disabled?|optional|required|auto|default|unset|unused|not[-_ ]?(?:used|needed|required|set|applicable)|no[-_]?(?:key|token|auth|password)(?:[-_](?:required|needed))?|sk-no-key(?:-required)?|sk-none|sk-dummy|dummy(?:[-_](?:key|token|api[-_]key))?|fake(?:[-_](?:key|token|api[-_]key))?|anything|ignored|any|user[-_]provided|redacted|\*+|\.+|-+|ollama|lm-studio|vllm|bearer|basic|string|plain|md5|scram-sha-256|trust|oauth2?|jwt|files|compat|example[-_]?only|<(?:secret|redacted|hidden|masked|none)>|password_file|token_file)$/i;
/** What is replaced by the secret when the program runs or is deployed. */
const REFERENCE =
  /\$[({]|^\$+[\w.:-]+$|%\([\w.]+\)s|%[A-Z_]+%|\{\{|<%|^os\.environ\/|^env[:./]|^file:|^@(?:microsoft|file|env)\b|^\/[\w.-]+\/|^\.\.?\/|^~\/|^[A-Za-z]:\\|^arn:aws|^vault:|^ref\+|^op:\/\/|^secret(?:s|ref|manager)?:|^projects\/[^/]+\/secrets\/|^<path:|^ENC\[|^ENC\(|^AQICAH|^!\w+\s|^https?:\/\/[^@\s]*$|^\[redacted\]$|^(?:vault|kubernetes|k8s|awssm|gcpsm|azkv)[:/]{1,3}/i;
/** Hashes, which cannot be turned back. */
const HASH =
  /^(?:\$(?:2[abxy]|5|6|y|argon2[id]{0,2}|scrypt|pbkdf2|apr1)\$|\{(?:SHA|SSHA|CRYPT)\}|pbkdf2[_:]|sha(?:1|256|512)[:$])/i;
/** Names by which a program finds the secret elsewhere: of a variable, a key or a Secret. */
const NAME_OF_SECRET =
  /^(?!(?:your|my|the|some|change|replace|insert|enter|put|add|example|test|secret$|password$|token$)[-_]?)(?:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*_(?:PASSWORD|TOKEN|SECRET|KEY)|[a-z0-9]+(?:-[a-z0-9]+)*-(?:secrets?|creds|credentials|tls|cert))$/i;

/** Whether what stands under a secret's name is a secret, and neither a word for none nor a reference to one. */
export function isSecretValue(name: string, value: string): boolean {
  const text = value.trim().replace(/^(["'])(.*)\1$/, '$2');
  if (text.length > 4096 || NONE.test(text) || HASH.test(text) || REFERENCE.test(text)) return false;
  if (NAME_OF_SECRET.test(text)) return false;
  if (MAY_COUNT.test(name) && /^[\d.,\s-]+$/.test(text)) return false;
  if (/auth$/i.test(name))
    return /^[^\s/:]+[/:]\S+$/.test(text) || (/redis/i.test(name) && /^\S+$/.test(text));
  if (/authorization$|bearer$/i.test(name))
    return /^(?:(?:bearer|basic|token|api-?key)\s+)?[\w.~+/=-]{8,}$/i.test(text);
  if (/connection_?string$/i.test(name)) return hasCredentials(text);
  // Sentences are descriptions; marks of types and functions are code.
  return (
    !/\s/.test(text) && !/^[[{(|>&]|[)}\]]$|^<\|.*\|>$|^<\/?[a-z]>$|^(?:string|str|int|bool)$/i.test(text)
  );
}

/** Tokens that are known by their form, wherever they stand. Sources: the issuers' documentation. */
const TOKENS: readonly (readonly [what: string, form: RegExp])[] = [
  ['an OpenAI or Anthropic key', /\bsk-(?:proj-|ant-|svcacct-|or-v1-)?(?=[\w-]*\d)[A-Za-z0-9][\w-]{31,}/],
  ['a Hugging Face token', /\bhf_(?=[A-Za-z]*\d|[A-Za-z]{30})[A-Za-z0-9]{30,}/],
  ['a GitHub token', /\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{50,})/],
  ['a GitLab token', /\bglpat-[\w-]{20,}/],
  ['a Slack token', /\bxox[abprs]-[\w-]{20,}/],
  ['a Slack webhook', /hooks\.slack\.com\/services\/T\w{6,}\/B\w{6,}\/(?!X+\b|x+\b)\w{20,}/],
  ['a Google API key', /\bAIza[\w-]{35}\b/],
  ['an NVIDIA key', /\bnvapi-[\w-]{40,}/],
  ['a Groq key', /\bgsk_[A-Za-z0-9]{40,}/],
  ['a SendGrid key', /\bSG\.[\w-]{20,}\.[\w-]{20,}/],
  [
    'an Authorization header',
    /\bauthorization[\s:="']{1,4}(?:bearer|basic)(?:\s|%20){1,4}(?=[\w.~+/-]{0,200}[\dA-Z])[\w.~+/-]{12,}/i,
  ],
  ['a private key', /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s*[A-Za-z0-9+/=\s]{40}/],
];
/** A quick look, since hardly any text holds one. */
const ANY_TOKEN =
  /sk-|hf_|gh[pousr]_|github_pat_|glpat-|xox[abprs]-|hooks\.slack|AIza|nvapi-|gsk_|SG\.|PRIVATE KEY|authorization/i;
/** Shown in place of a real one: `sk-xxxxxxxx…`. */
const MASKED = /x{6}|X{6}|\*{4}|\.{3}|0{8}|1234567890abcdef/;

/** What sort of token a text holds, if it holds one of a known form. */
export function knownToken(text: string): string | undefined {
  if (text.length < 20 || text.length > 1_000_000 || !ANY_TOKEN.test(text)) return undefined;
  for (const [what, form] of TOKENS) {
    const found = form.exec(text)?.[0];
    if (found !== undefined && !MASKED.test(found)) return what;
  }
  return undefined;
}

const URL_CREDENTIALS =
  /\b[a-z][a-z0-9+.-]{1,30}:\/\/([^\s:/?#@"'`<>]{0,200}):([^\s/?#@"'`]{1,200})@[\w[$<{(-]/gi;
const DSN_CREDENTIALS = /(?:^|[\s"'=])[\w.-]{1,100}:([^\s:/@"'`]{1,200})@(?:tcp|unix)\(/gi;
const PARAMETERS =
  /(?:[;?&]|^|[^\w-])(?:password|pwd|accountkey|sharedaccesskey|sharedaccesssignature)=([^\s;&"'`]{1,500})/gi;

/** Whether a text holds a URL, DSN or connection string with a password in it. */
export function hasCredentials(text: string): boolean {
  const holds = (pattern: RegExp, group: number) =>
    [...text.matchAll(pattern)].some((match) => isPasswordInUrl(match[group] ?? ''));
  return (
    (text.includes('://') && holds(URL_CREDENTIALS, 2)) ||
    (text.includes('@') && holds(DSN_CREDENTIALS, 1)) ||
    (/(?:;|\bhost=|\bdbname=|^jdbc:|\b(?:postgres(?:ql)?|mysql|mongodb|rediss?):\/\/)/i.test(text) &&
      holds(PARAMETERS, 1))
  );
}

function isPasswordInUrl(password: string): boolean {
  return !REFERENCE.test(password) && !/^\*+$|^\{.*\}$|^(?:REDACTED|xxxx+)$|^%s$|^%[dv]$/i.test(password);
}
