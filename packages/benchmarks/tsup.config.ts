import { defineConfig } from 'tsup';
import { packageBuild } from '../tooling/src/package-build.mjs';

export default defineConfig(packageBuild);
