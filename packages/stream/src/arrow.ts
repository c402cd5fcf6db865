/** Tables and record batches of `apache-arrow` as sources; the only door of this package that loads it. */
export { arrowTableSource } from './sources/arrow-table-source.js';
