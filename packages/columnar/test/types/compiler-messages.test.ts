import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { beforeAll, describe, expect, test } from 'vitest';

const folder = fileURLToPath(new URL('.', import.meta.url));
const HEAD = `
import { decimal128, defineSchema, int64, nullable, timestamp, utf8 } from '@sabot/columnar';
import { pipeline } from '@sabot/columnar/expressions';
import { aggregates } from '@sabot/columnar/kernels';
const schema = defineSchema({ delay: nullable(int64()), origin: utf8(), at: timestamp(), price: decimal128(9, 2) });
`;
const PROGRAMS = {
  'a misspelt column': [`pipeline(schema).filter((c) => c.dealy.gt(1));`, /'dealy'.*Did you mean 'delay'/],
  'a string compared with a number': [`pipeline(schema).filter((c) => c.origin.gt(15));`, /number.*TextOperand/],
  'arithmetic on a string': [
    `pipeline(schema).withColumns((c) => ({ x: c.origin.add(1) }));`,
    /'add' does not exist on type '.*Utf8/,
  ],
  'a filter that is no bool': [`pipeline(schema).filter((c) => c.delay);`, /int64.*bool/],
  'a decimal with a float column': [
    `pipeline(schema).withColumns((c) => ({ x: c.price.add(c.delay.div(2)) }));`,
    /float64/,
  ],
  'a mean of a string': [
    `aggregates(schema, (a) => ({ x: a.mean('origin') }));`,
    /"origin"' is not assignable to parameter of type 'NamesOfKind<.*NumericKind/,
  ],
  'an aggregate of a misspelt column': [
    `aggregates(schema, (a) => ({ x: a.max('dealy') }));`,
    /"dealy"' is not assignable to parameter of type 'OrderedNames</,
  ],
  'a column that a step left out': [
    `pipeline(schema).select((c) => ({ from: c.origin })).filter((c) => c.delay.gt(1));`,
    /'delay' does not exist on type 'ColumnRefs<.*from/,
  ],
  'correct use': [`pipeline(schema).filter((c) => c.delay.gt(1).and(c.price.lt('9.5')));`, /^$/],
} as const;

const messages = new Map<string, string>();

beforeAll(() => {
  const files = new Map(
    Object.entries(PROGRAMS).map(([name, [code]], i) => [`${folder}program-${i}.ts`, { name, code }]),
  );
  const { config } = ts.readConfigFile(
    fileURLToPath(new URL('../../../../tsconfig.base.json', import.meta.url)),
    ts.sys.readFile,
  );
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, folder);
  const host = ts.createCompilerHost({ ...options, noEmit: true });
  const { fileExists, readFile } = host;
  host.fileExists = (path) => files.has(path) || fileExists(path);
  host.readFile = (path) => {
    const program = files.get(path);
    return program === undefined ? readFile(path) : HEAD + program.code;
  };
  host.getSourceFile = (path, version) => {
    const text = host.readFile(path);
    return text === undefined ? undefined : ts.createSourceFile(path, text, version);
  };
  const program = ts.createProgram([...files.keys()], { ...options, noEmit: true, noUnusedLocals: false }, host);
  for (const [path, { name }] of files) {
    const found = program.getSemanticDiagnostics(program.getSourceFile(path));
    messages.set(name, found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' ')).join('\n'));
  }
}, 120_000);

describe('the compiler names the column and what is wrong', () => {
  test.each(Object.entries(PROGRAMS))('%s', (name, [, expected]) => {
    expect(messages.get(name)).toMatch(expected);
  });
});
