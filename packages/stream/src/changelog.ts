/** What the rows of a changelog do: for operators and sinks that read or make changes. */
export {
  CHANGE_COLUMN,
  CHANGE_TYPE,
  type Changed,
  type ChangeLabel,
  changeLabel,
  changelogBatch,
  changesOf,
  DELETE,
  INSERT,
  UPDATE_AFTER,
  UPDATE_BEFORE,
  withChanges,
  withoutChanges,
} from './changelog/change-kind.js';
