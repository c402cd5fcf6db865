import { stateErrors } from '../errors.js';
import { type Codec, type CodecWriter, expectLength, wrongValue } from './codec.js';

interface FieldForm<T> {
  readonly size: number;
  fits(value: unknown): value is T;
  write(writer: CodecWriter, value: T): void;
  read(view: DataView, at: number): T;
}

const isNumber = (value: unknown): value is number => typeof value === 'number';

const float64: FieldForm<number> = {
  size: 8,
  fits: isNumber,
  write: (writer, value) => writer.f64(value),
  read: (view, at) => view.getFloat64(at, true),
};

const forms = {
  float64,
  /** Epoch milliseconds. */
  timestamp: float64,
  int32: {
    size: 4,
    fits: (value: unknown): value is number => isNumber(value) && (value | 0) === value,
    write: (writer, value) => writer.i32(value),
    read: (view, at) => view.getInt32(at, true),
  } satisfies FieldForm<number>,
  uint32: {
    size: 4,
    fits: (value: unknown): value is number => isNumber(value) && value >>> 0 === value,
    write: (writer, value) => writer.u32(value),
    read: (view, at) => view.getUint32(at, true),
  } satisfies FieldForm<number>,
  int64: {
    size: 8,
    fits: (value: unknown): value is bigint => typeof value === 'bigint' && BigInt.asIntN(64, value) === value,
    write: (writer, value) => writer.i64(value),
    read: (view, at) => view.getBigInt64(at, true),
  } satisfies FieldForm<bigint>,
  bool: {
    size: 1,
    fits: (value: unknown): value is boolean => typeof value === 'boolean',
    write: (writer, value) => writer.u8(value ? 1 : 0),
    read: (view, at) => view.getUint8(at) !== 0,
  } satisfies FieldForm<boolean>,
} as const;

/** The types of a fixed-width field. */
export type StructFieldType = keyof typeof forms;

type FieldValue<K extends StructFieldType> = K extends 'bool' ? boolean : K extends 'int64' ? bigint : number;

/** The object that a struct codec reads and writes; its fields may be changed in place inside `update`. */
export type StructOf<S extends Readonly<Record<string, StructFieldType>>> = {
  -readonly [N in keyof S]: FieldValue<S[N]>;
};

interface Field {
  readonly name: string;
  readonly type: StructFieldType;
  readonly form: FieldForm<unknown>;
  readonly at: number;
}

/**
 * Objects of fixed-width fields, stored one after another without names or lengths.
 *
 * @example
 * const runningMean = structCodec({ n: 'float64', mean: 'float64', last: 'timestamp' });
 */
export function structCodec<const S extends Readonly<Record<string, StructFieldType>>>(shape: S): Codec<StructOf<S>> {
  const fields = fieldsOf(shape);
  const schema = `struct{${fields.map(({ name, type }) => `${name}:${type}`).join(',')}}`;
  const size = fields.reduce((sum, { form }) => sum + form.size, 0);
  return {
    schema,
    encode(value, writer) {
      const source = value as Readonly<Record<string, unknown>>;
      for (const { name, type, form } of fields) {
        const part = source[name];
        if (!form.fits(part)) throw wrongValue(schema, `field "${name}" is ${String(part)}, which is no ${type}`);
        form.write(writer, part);
      }
    },
    decode(bytes) {
      expectLength(schema, bytes, size);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const value: Record<string, unknown> = {};
      for (const { name, form, at } of fields) value[name] = form.read(view, at);
      // Built field by field from the shape that defines the type.
      return value as StructOf<S>;
    },
  };
}

function fieldsOf(shape: Readonly<Record<string, StructFieldType>>): readonly Field[] {
  const fields: Field[] = [];
  let at = 0;
  for (const [name, type] of Object.entries(shape)) {
    if (!Object.hasOwn(forms, type)) throw badShape(`field "${name}" has the type ${JSON.stringify(type)}`);
    const form = forms[type] as FieldForm<unknown>;
    fields.push({ name, type, form, at });
    at += form.size;
  }
  if (fields.length === 0) throw badShape('it has no fields');
  return fields;
}

function badShape(why: string) {
  return stateErrors.error('STATE_DECLARATION', {
    what: 'cannot make a struct codec',
    why,
    remedy: `Give at least one field, each of a type of: ${Object.keys(forms).join(', ')}.`,
  });
}
