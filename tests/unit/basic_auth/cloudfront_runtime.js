// Stands in for the runtime cloudfront-js-2.0: node, with what that runtime lacks taken away.
//
// node cloudfront_runtime.js FUNCTION.js: each line of the input is an event, each line of the output
// what the handler gave for it, or {"thrown": message}. Nothing but the language itself is in the
// function's context (no console, process, require, URL, Buffer or timers), and of the language's own
// library only what AWS's list names ("JavaScript runtime 2.0 features for CloudFront Functions").
'use strict';

const fs = require('fs');
const readline = require('readline');
const vm = require('vm');

const GLOBALS = [
  'Array', 'Boolean', 'Date', 'Error', 'EvalError', 'Infinity', 'JSON', 'Math', 'NaN', 'Number',
  'Object', 'Promise', 'RangeError', 'ReferenceError', 'RegExp', 'String', 'SyntaxError',
  'TypeError', 'URIError', 'decodeURI', 'decodeURIComponent', 'encodeURI', 'encodeURIComponent',
  'isFinite', 'isNaN', 'parseFloat', 'parseInt', 'undefined',
];
const METHODS = {
  Array: ['isArray', 'of'],
  'Array.prototype': [
    'concat', 'copyWithin', 'every', 'fill', 'filter', 'find', 'findIndex', 'forEach', 'includes',
    'indexOf', 'join', 'lastIndexOf', 'map', 'pop', 'push', 'reduce', 'reduceRight', 'reverse',
    'shift', 'slice', 'some', 'sort', 'splice', 'unshift',
  ],
  Number: ['isFinite', 'isInteger', 'isNaN', 'isSafeInteger', 'parseFloat', 'parseInt'],
  'Number.prototype': ['toExponential', 'toFixed', 'toPrecision', 'toString', 'valueOf'],
  Object: [
    'assign', 'create', 'defineProperties', 'defineProperty', 'entries', 'freeze',
    'getOwnPropertyDescriptor', 'getOwnPropertyDescriptors', 'getOwnPropertyNames',
    'getPrototypeOf', 'is', 'isExtensible', 'isFrozen', 'isSealed', 'keys', 'preventExtensions',
    'seal', 'setPrototypeOf', 'values',
  ],
  'RegExp.prototype': ['exec', 'test', 'toString'],
  String: ['fromCharCode', 'fromCodePoint'],
  'String.prototype': [
    'charAt', 'charCodeAt', 'codePointAt', 'concat', 'endsWith', 'includes', 'indexOf',
    'lastIndexOf', 'match', 'padEnd', 'padStart', 'repeat', 'replace', 'replaceAll', 'search',
    'slice', 'split', 'startsWith', 'substr', 'substring', 'toLowerCase', 'toString',
    'toUpperCase', 'trim', 'trimEnd', 'trimStart', 'valueOf',
  ],
};

// Runs in the function's context, and takes away there what is not listed. Only functions are taken:
// the rest (lengths, flags, symbols) is what the listed ones are made of.
function reduce(top, globals, methods) {
  Object.keys(methods).forEach((path) => {
    const owner = path.split('.').reduce((value, name) => value[name], top);
    Object.getOwnPropertyNames(owner).forEach((name) => {
      const field = Object.getOwnPropertyDescriptor(owner, name);
      const kept = name === 'constructor' || methods[path].includes(name);
      if (typeof field.value === 'function' && !kept) {
        delete owner[name];
      }
    });
  });
  Object.getOwnPropertyNames(top).forEach((name) => {
    if (!globals.includes(name)) {
      delete top[name];
    }
  });
}

// Code from strings is refused, as it is there.
const context = vm.createContext(Object.create(null), {
  codeGeneration: { strings: false, wasm: false },
});
const lists = `${JSON.stringify(GLOBALS)}, ${JSON.stringify(METHODS)}`;
vm.runInContext(`(${reduce})(this, ${lists})`, context);
const code = fs.readFileSync(process.argv[2], 'utf8');
// All functions are strict there.
vm.runInContext(`'use strict';${code}`, context, { filename: process.argv[2] });
const answer = vm.runInContext('(line) => JSON.stringify(handler(JSON.parse(line)))', context);

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  let result;
  try {
    result = answer(line);
  } catch (error) {
    result = JSON.stringify({ thrown: String(error) });
  }
  process.stdout.write(`${result}\n`);
});
