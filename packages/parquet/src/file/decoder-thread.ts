import type { Blob } from 'node:buffer';
import type { MessagePort } from 'node:worker_threads';
import type { ParquetFile, RecordBatch } from 'parquet-wasm/node';
import type { DecoderAnswer, DecoderReply, DecoderRequest, StoredRowGroup } from './decoder-protocol.js';

/** What the program of the decoder thread is given. */
export interface DecoderThreadTools {
  readonly port: MessagePort;
  readonly openAsBlob: (path: string) => Promise<Blob>;
  readonly ParquetFile: { fromFile(blob: Blob): Promise<ParquetFile> };
}

/**
 * The program of the decoder thread. It is started from its own source text, so that it runs the same from TypeScript,
 * ESM and CommonJS: it must use nothing but its tools and globals.
 */
export class DecoderThread {
  private readonly tools: DecoderThreadTools;
  private readonly files = new Map<number, ParquetFile>();
  private readonly cursors = new Map<number, ReadableStreamDefaultReader<RecordBatch>>();
  private lastId = 0;

  constructor(tools: DecoderThreadTools) {
    this.tools = tools;
  }

  start(): void {
    this.tools.port.on('message', (request: DecoderRequest) => {
      this.answer(request).then(
        (answer) => this.reply({ answer }),
        (error: unknown) => this.reply({ failure: error instanceof Error ? error.message : String(error) }),
      );
    });
  }

  private async answer(request: DecoderRequest): Promise<DecoderAnswer> {
    switch (request.kind) {
      case 'open':
        return await this.open(request.path);
      case 'begin':
        return await this.begin(request);
      case 'next':
        return await this.next(request.cursor);
      case 'end':
        await this.cursors.get(request.cursor)?.cancel();
        this.cursors.delete(request.cursor);
        return {};
      case 'close':
        this.files.get(request.file)?.free();
        this.files.delete(request.file);
        return {};
    }
  }

  private async open(path: string): Promise<DecoderAnswer> {
    const file = await this.tools.ParquetFile.fromFile(await this.tools.openAsBlob(path));
    this.files.set(++this.lastId, file);
    return { file: this.lastId, schema: file.schema().intoIPCStream(), rowGroups: this.rowGroupsOf(file) };
  }

  private async begin(request: DecoderRequest & { kind: 'begin' }): Promise<DecoderAnswer> {
    const { rowGroup, columns, batchRows, offset } = request;
    const options = { rowGroups: [rowGroup], columns: [...columns], batchSize: batchRows, offset };
    // A stream of one row group: its compressed columns and one decoded batch are in memory at a time.
    const stream = (await this.files.get(request.file)?.stream(options)) as ReadableStream<RecordBatch>;
    this.cursors.set(++this.lastId, stream.getReader());
    return { cursor: this.lastId };
  }

  private async next(cursor: number): Promise<DecoderAnswer> {
    const read = await this.cursors.get(cursor)?.read();
    // Consuming the record batch frees its WebAssembly memory; the bytes are the only copy.
    return { batch: read?.value?.intoIPCStream() };
  }

  private rowGroupsOf(file: ParquetFile): readonly StoredRowGroup[] {
    const metadata = file.metadata();
    const groups = metadata.rowGroups().map((group) => {
      const columnBytes = new Map<string, number>();
      for (const chunk of group.columns()) {
        const name = String(chunk.columnPath()[0]);
        columnBytes.set(name, (columnBytes.get(name) ?? 0) + chunk.compressedSize());
        chunk.free();
      }
      const rows = group.numRows();
      group.free();
      return { rows, columnBytes };
    });
    metadata.free();
    return groups;
  }

  private reply(message: DecoderReply): void {
    const parts = 'answer' in message ? Object.values(message.answer).filter((part) => part instanceof Uint8Array) : [];
    this.tools.port.postMessage(
      message,
      parts.map((part) => part.buffer as ArrayBuffer),
    );
  }
}
