import { open } from 'node:fs/promises';

/** Makes the names in a folder durable: a new or renamed file can be lost with a power cut until its folder is synced. */
export async function syncFolder(directory: string): Promise<void> {
  const folder = await open(directory, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
