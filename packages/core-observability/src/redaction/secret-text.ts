/** What stands where a secret stood. */
export const REDACTED = '[redacted]';

const SECRET_WORD =
  'passw(?:or)?d|passphrase|pwd|secret|token(?!s)|api[._-]?key|access[._-]?key|private[._-]?key|authorization|credential|cookie|session[._-]?id';
const secretName = new RegExp(`(?:^|[._-])(?:${SECRET_WORD})s?(?:$|[._-])`, 'i');

// Each pattern is bounded or linear: texts come from outside.
const rules: readonly (readonly [RegExp, string])[] = [
  // RFC 3986, userinfo: everything between `//` and the last `@` before the path.
  [/\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/?#]{1,512}@/gi, `$1${REDACTED}@`],
  [/-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----[\s\S]{0,16384}?(?:-----END [A-Z ]{0,32}PRIVATE KEY-----|$)/g, REDACTED],
  // RFC 6750 and 7617; a word without a digit or `=` is prose ("basic authentication").
  [/\b(bearer|basic)\s+(?=\S{0,2048}[\d=])[\w+/~.-]{6,2048}=*/gi, `$1 ${REDACTED}`],
  // RFC 7519: the first part of a signed token is the Base64 of `{"…`.
  [/\beyJ[\w-]{6,4096}\.[\w-]{1,8192}(?:\.[\w-]{0,4096})?/g, REDACTED],
  [/\bA(?:KIA|SIA)[0-9A-Z]{16}\b/g, REDACTED],
  [
    new RegExp(
      `([\\w.-]{0,32}(?:${SECRET_WORD})[\\w.-]{0,32}["']?\\s{0,2}[=:]\\s{0,2})(?:"[^"]*"|'[^']*'|(?!(?:bearer|basic)\\s)[^\\s"'&,;)}\\]]+)`,
      'gi',
    ),
    `$1${REDACTED}`,
  ],
];
/** No rule can match a text without one of these: most texts are done after one look. */
const suspicious = /[=:]|eyJ|A[KS]IA|bearer\s|basic\s|-----BEGIN/i;

/**
 * The text without what is recognisably secret: credentials in URLs, values of parameters named like secrets,
 * authorization headers, signed tokens, private keys. What cannot be recognised is not found: that is what
 * `RedactionOptions` is for.
 */
export function withoutSecrets(text: string): string {
  if (!suspicious.test(text)) return text;
  let clean = text;
  for (const [pattern, replacement] of rules) clean = clean.replace(pattern, replacement);
  return clean;
}

/** Whether a value under this name is secret whatever it looks like: `db.password`, `apiKey`, `authorization`. */
export function namesSecret(name: string): boolean {
  return secretName.test(name.replace(/([a-z0-9])([A-Z])/g, '$1_$2'));
}
