import { defineConfig } from 'tsup';
import { packageBuild } from '../../packages/tooling/src/package-build.mjs';

export default defineConfig(packageBuild);
