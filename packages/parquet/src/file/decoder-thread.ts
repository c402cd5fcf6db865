import type { Blob } from 'node:buffer';
import type { MessagePort } from 'node:worker_threads';
import type { ParquetFile, RecordBatch } from 'parquet-wasm/node';
import type { DecoderAnswer, DecoderReply, DecoderRequest, StoredRowGroup } from './decoder-protocol.js';

/*
 * The program of the decoder thread. It is started from its own source text, so that it runs the same from TypeScript,
 * ESM and CommonJS. The text is what the build made of it: these functions use nothing but their arguments and globals,
 * and no syntax that the CommonJS build rewrites with imported functions (`?.`, `??`, class fields).
 */

/** What the program is given. */
export interface DecoderTools {
  readonly openAsBlob: (path: string) => Promise<Blob>;
  readonly ParquetFile: { fromFile(blob: Blob): Promise<ParquetFile> };
}

/** Answers requests; knows the open files and cursors by number. */
export type AnswerRequest = (request: DecoderRequest) => Promise<DecoderAnswer>;

/** The row groups of a file, by its footer. */
export function readRowGroups(file: ParquetFile): readonly StoredRowGroup[] {
  const metadata = file.metadata();
  const groups = metadata.rowGroups().map((group) => {
    const columnBytes = new Map<string, number>();
    for (const chunk of group.columns()) {
      const name = String(chunk.columnPath()[0]);
      columnBytes.set(name, (columnBytes.get(name) || 0) + chunk.compressedSize());
      chunk.free();
    }
    const rows = group.numRows();
    group.free();
    return { rows, columnBytes };
  });
  metadata.free();
  return groups;
}

/** Files and cursors over the decoder. */
export function createAnswers(tools: DecoderTools, rowGroupsOf: typeof readRowGroups): AnswerRequest {
  const files = new Map<number, ParquetFile>();
  const cursors = new Map<number, ReadableStreamDefaultReader<RecordBatch>>();
  let lastId = 0;

  return async (request) => {
    if (request.kind === 'open') {
      const opened = await tools.ParquetFile.fromFile(await tools.openAsBlob(request.path));
      files.set(++lastId, opened);
      return { file: lastId, schema: opened.schema().intoIPCStream(), rowGroups: rowGroupsOf(opened) };
    }
    if (request.kind === 'begin') {
      const { rowGroup, columns, batchRows, offset } = request;
      const options = { rowGroups: [rowGroup], columns: [...columns], batchSize: batchRows, offset };
      // A stream of one row group: its compressed columns and one decoded batch are in memory at a time.
      const stream = await (files.get(request.file) as ParquetFile).stream(options);
      cursors.set(++lastId, (stream as ReadableStream<RecordBatch>).getReader());
      return { cursor: lastId };
    }
    if (request.kind === 'close') {
      (files.get(request.file) as ParquetFile).free();
      files.delete(request.file);
      return {};
    }
    const cursor = cursors.get(request.cursor) as ReadableStreamDefaultReader<RecordBatch>;
    if (request.kind === 'end') {
      cursors.delete(request.cursor);
      await cursor.cancel();
      return {};
    }
    const read = await cursor.read();
    // Consuming the record batch frees its WebAssembly memory; the bytes are the only copy.
    return { batch: read.done ? undefined : read.value.intoIPCStream() };
  };
}

/** Answers the messages of a port; bytes are transferred. */
export function serve(port: MessagePort, answer: AnswerRequest): void {
  const reply = (message: DecoderReply): void => {
    const parts = 'answer' in message ? Object.values(message.answer).filter((part) => part instanceof Uint8Array) : [];
    port.postMessage(
      message,
      parts.map((part) => part.buffer as ArrayBuffer),
    );
  };
  port.on('message', (request: DecoderRequest) => {
    answer(request).then(
      (done) => reply({ answer: done }),
      (error: unknown) => reply({ failure: error instanceof Error ? error.message : String(error) }),
    );
  });
}
