#!/usr/bin/env node
/** `npm start [-- model.onnx]` */
import { openApp } from './open-app.mjs'

process.exitCode = await openApp(process.argv.slice(2))
