#!/usr/bin/env node
import { generate } from './generate.js';
import { serveGenerator } from './serve-generator.js';

/* `holdfast-generator`: what `prisma generate` starts for `generator holdfast { provider = "holdfast-generator" }`. */
serveGenerator({ prettyName: 'holdfast repositories', defaultOutput: './generated/holdfast' }, generate);
