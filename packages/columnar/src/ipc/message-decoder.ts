import type { Batch } from '../batch/batch.js';
import { trustedBatch } from '../batch/batch-factory.js';
import type { Column } from '../batch/column.js';
import { concatColumns } from '../kernels/concat.js';
import { describeType } from '../schema/define-schema.js';
import type { Schema } from '../schema/schema.js';
import { malformed } from './malformed.js';
import type { IncomingMessage } from './message-reader.js';
import type { ReadBudget } from './read-budget.js';
import { RecordReader } from './record-reader.js';
import type { StoredField, StoredSchema } from './schema-reader.js';

/** Turns the messages of one stream or file into batches; keeps its dictionaries. */
export class MessageDecoder {
  private readonly stored: StoredSchema;
  private readonly budget: ReadBudget;
  private readonly words: ReadonlyMap<string, StoredField>;
  private readonly dictionaries = new Map<string, Column>();

  constructor(stored: StoredSchema, budget: ReadBudget) {
    this.stored = stored;
    this.budget = budget;
    this.words = wordsOf(stored.fields);
  }

  batch<S extends Schema>(message: IncomingMessage, schema: S): Batch<S['fields']> {
    const reader = new RecordReader(message.header, message.body, this.dictionaries, this.budget);
    return trustedBatch(schema as Schema<S['fields']>, reader.numRows, reader.columns(this.stored.fields));
  }

  dictionary(message: IncomingMessage): void {
    const id = message.header.identifier(0);
    const field = this.words.get(id);
    const record = message.header.table(1);
    if (field === undefined || record === null) throw malformed(`no column uses dictionary ${id}`);
    const reader = new RecordReader(record, message.body, this.dictionaries, this.budget);
    const column = reader.columns([field])[0] as Column;
    const before = this.dictionaries.get(id);
    const isDelta = message.header.int8(2, 0) !== 0;
    this.dictionaries.set(id, isDelta && before !== undefined ? this.joined(before, column) : column);
  }

  /** Words with more words behind them, in new memory. */
  private joined(before: Column, more: Column): Column {
    for (const { values, offsets } of [before, more]) this.budget.take(values.byteLength + (offsets?.byteLength ?? 0));
    return concatColumns(before.type, [before, more]);
  }
}

/** Whose words a dictionary holds, by its id; columns that share a dictionary must agree on what is in it. */
function wordsOf(fields: readonly StoredField[], into = new Map<string, StoredField>()): Map<string, StoredField> {
  for (const field of fields) {
    if (field.dictionary !== null) {
      const { id, words } = field.dictionary;
      const known = into.get(id);
      if (known !== undefined && formOf(known) !== formOf(words)) {
        throw malformed(`dictionary ${id} is declared with two types`);
      }
      into.set(id, words);
    }
    wordsOf(field.children, into);
  }
  return into;
}

function formOf({ type, large, fixedSize, view }: StoredField): string {
  return `${describeType(type)} ${large} ${fixedSize} ${view === true}`;
}
