import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { parquetErrors } from '../errors.js';
import type { DecoderAnswers, DecoderReply, DecoderRequest } from './decoder-protocol.js';
import { createAnswers, readRowGroups, serve } from './decoder-thread.js';

interface Waiting {
  readonly what: string;
  readonly request: DecoderRequest;
  resolve(answer: never): void;
  reject(error: unknown): void;
}

/**
 * The thread that decodes Parquet, shared by all files of this process.
 *
 * A thread of its own, because a panic of the WebAssembly decoder (a damaged page can cause one) is an uncaught
 * exception that would end the process, and because decoding then does not hold up the pipeline. Requests are sent one at
 * a time, so that it is known which one a panic belongs to. The thread does not keep the process alive, and the one after
 * a panic is a new one.
 */
export class Decoder {
  private static shared: Decoder | undefined;
  private readonly worker: Worker;
  private readonly waiting: Waiting[] = [];
  private current: Waiting | undefined;
  private dead = false;

  /** The thread that runs, or a new one. */
  static get(): Decoder {
    Decoder.shared ??= new Decoder();
    return Decoder.shared;
  }

  private constructor() {
    this.worker = startWorker();
    this.worker.unref();
    this.worker.on('message', (reply: DecoderReply) => this.settle(reply));
    this.worker.on('error', (error) => this.crashed(error.message));
    this.worker.on('exit', (code) => this.crashed(`its thread ended with code ${code}`));
  }

  /** Fails with `CORRUPT` when this request cannot be answered, `READER_CRASHED` when another one ended the thread. */
  ask<K extends keyof DecoderAnswers>(what: string, request: DecoderRequest & { kind: K }): Promise<DecoderAnswers[K]> {
    if (this.dead) return Promise.reject(crashedBefore(what));
    return new Promise<DecoderAnswers[K]>((resolve, reject) => {
      this.waiting.push({ what, request, resolve, reject });
      this.sendNext();
    });
  }

  private sendNext(): void {
    if (this.current !== undefined) return;
    this.current = this.waiting.shift();
    if (this.current === undefined) {
      this.worker.unref();
      return;
    }
    this.worker.ref();
    this.worker.postMessage(this.current.request);
  }

  private settle(reply: DecoderReply): void {
    const { current } = this;
    this.current = undefined;
    // Answers come back in order, each of the kind that its request asks for.
    if ('answer' in reply) current?.resolve(reply.answer as never);
    else current?.reject(parquetErrors.error('CORRUPT', { what: current.what, why: reply.failure }));
    this.sendNext();
  }

  private crashed(why: string): void {
    if (this.dead) return;
    this.dead = true;
    if (Decoder.shared === this) Decoder.shared = undefined;
    const { current } = this;
    current?.reject(parquetErrors.error('CORRUPT', { what: current.what, why: `the decoder stopped at it (${why})` }));
    for (const { what, reject } of this.waiting.splice(0)) reject(crashedBefore(what));
  }
}

function startWorker(): Worker {
  const require = createRequire(import.meta.url);
  const source = `
    const { parentPort, workerData } = require('node:worker_threads');
    const { openAsBlob } = require('node:fs');
    const { ParquetFile } = require(workerData.decoder);
    const answer = (${createAnswers.toString()})({ openAsBlob, ParquetFile }, ${readRowGroups.toString()});
    (${serve.toString()})(parentPort, answer);
  `;
  const workerData = { decoder: require.resolve('parquet-wasm/node') };
  // Neither the loaders of the main thread, nor the warning that `openAsBlob` is experimental.
  return new Worker(source, { eval: true, workerData, execArgv: ['--no-warnings'] });
}

function crashedBefore(what: string) {
  return parquetErrors.error('READER_CRASHED', {
    what,
    why: 'another file stopped the decoder in the middle of this one',
  });
}
