import { hashPair, mixWord } from '../../kernels/hash.js';
import * as decimal from '../runtime/decimal-math.js';
import { OUT } from '../runtime/wide-math.js';
import { called, inline } from './operation.js';

/** 128-bit decimals as four words. */
export const decimalOperations = {
  addQuad: called(decimal.addDecimals, 'quad'),
  subQuad: called(decimal.subDecimals, 'quad'),
  mulQuad: called(decimal.mulDecimals, 'quad'),
  modQuad: called(decimal.modDecimals, 'quad'),
  rescaleQuad: called(decimal.rescaleDecimal, 'quad'),
  quadOfNumber: called(decimal.decimalOfNumber, 'quad'),
  quadOfText: called(decimal.parseDecimalText, 'quad'),
  quadToNumber: called(decimal.decimalNumber),
  quadText: called(decimal.decimalText, 'text'),
  compareQuads: called(decimal.compareDecimals),
  exceedsPrecision: called(decimal.exceedsPrecision),
  /** Whether the operation before left 128 bits. */
  out3: inline(
    () => 'OUT[3]',
    () => OUT[3] as number,
  ),
  hashQuad: called((w0: number, w1: number, w2: number, w3: number): number =>
    mixWord(hashPair(w0, w1) ^ Math.imul(hashPair(w2, w3), 0x9e3779b1)),
  ),
};
