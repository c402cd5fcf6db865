import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namesSecret, withoutSecrets } from '../../src/redaction/secret-text.js';

describe('a text that leaves the process', () => {
  it.each([
    ['postgres://app:hunter2@db:5432/shop', 'postgres://[redacted]@db:5432/shop'],
    ['https://token-4711@git.example/x.git failed', 'https://[redacted]@git.example/x.git failed'],
    ['amqp://u:p@ss@host/v', 'amqp://[redacted]@host/v'],
    ['GET /orders?api_key=k-123&limit=5', 'GET /orders?api_key=[redacted]&limit=5'],
    ['password=hunter2; user=app', 'password=[redacted]; user=app'],
    ['{"clientSecret":"a b","id":7}', '{"clientSecret":[redacted],"id":7}'],
    ['authorization: Bearer abc123.def', 'authorization: Bearer [redacted]'],
    ['Basic YXBwOmh1bnRlcjI=', 'Basic [redacted]'],
    ['jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln was refused', 'jwt [redacted] was refused'],
    ['key AKIAIOSFODNN7EXAMPLE', 'key [redacted]'],
    ['-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- end', '[redacted] end'],
  ])('loses its secret: %s', (text, clean) => {
    expect(withoutSecrets(text)).toBe(clean);
  });

  it.each([
    'cannot read "flights.parquet": the file ends before its footer',
    'http://localhost:4318/v1/traces',
    'connect ECONNREFUSED 127.0.0.1:4317',
    'basic authentication failed',
    'tokens=12 in 3 batches',
    'mail to someone@example.org: undeliverable',
    'a=b, c: d',
  ])('stays as it is: %s', (text) => {
    expect(withoutSecrets(text)).toBe(text);
  });

  it('never keeps the credentials of a URL, whatever stands around it', () => {
    const word = fc.stringMatching(/^[a-zA-Z0-9]{6,12}$/);
    fc.assert(
      fc.property(fc.string(), word, word, fc.string(), (before, user, password, after) => {
        const secret = `x${password}y`;
        fc.pre(!before.includes(secret) && !after.includes(secret));
        expect(withoutSecrets(`${before} redis://${user}:${secret}@host/${after}`)).not.toContain(secret);
      }),
    );
  });

  it('is done with in linear time', () => {
    const begun = performance.now();
    for (const text of ['a'.repeat(200_000), 'token'.repeat(40_000), `http://${'a:'.repeat(100_000)}`])
      withoutSecrets(`=${text}`);
    expect(performance.now() - begun).toBeLessThan(2000);
  });
});

describe('a name of a secret', () => {
  it.each(['password', 'db.password', 'apiKey', 'x-api-key', 'AUTHORIZATION', 'user_token', 'http.request.cookie'])(
    'is recognised: %s',
    (name) => expect(namesSecret(name)).toBe(true),
  );
  it.each(['rows', 'operator', 'tokens.count', 'passed', 'key', 'pipeline', 'secretary'])('is not: %s', (name) =>
    expect(namesSecret(name)).toBe(false),
  );
});
