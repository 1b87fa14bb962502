// The viewer-request function of a deployment without basic auth (CloudFront Functions, runtime
// cloudfront-js-2.0). With basic auth, Lambda@Edge takes its place: basic_auth/negotiation.py, the
// twin whose docstring explains the rules. tests/vectors/negotiation.json holds both to the same
// answers: a change of either begins there.
//
// What it relies on in the distribution:
// - Every cache behaviour has this function, and none has Accept or the query in its cache key. The
//   rewritten path is the whole key, so one object is cached once, whatever it was asked for with.
// - default_root_object is empty: it would hide from us that the root was asked for.
// - `Vary: Accept` on pages (200 and 304) is added by a *response headers policy*, for S3 cannot
//   keep that header, and a viewer-request function sees no response. The policy belongs to ordered
//   cache behaviours with the path patterns `*/` and `/` (the first may need a character before its
//   slash), for a path that ends in a slash is a page. Behaviours are chosen by the path as the
//   viewer sent it, before it is rewritten here, and files do without the header. Rejected: a
//   viewer-response function. It would run for each file too, and would have to be Lambda@Edge
//   where basic auth is, as the two kinds do not mix.
//
// The runtime knows ECMAScript 5.1 and a few later things: no destructuring, spread, for-of, default
// parameters, classes or optional chaining. An error that is thrown here is a 503 to the viewer.

// What follows the slash in the key of an HTML page; Terraform puts index.html here for `index_html`.
const PAGE = '';

const JSON_TYPE = 'application/vnd.pypi.simple.v1+json';
const HTML_TYPE = 'text/html';

// Arrays rather than an object's keys: a client may well ask for the type `constructor`.
const JSON_NAMES = [JSON_TYPE, 'application/vnd.pypi.simple.latest+json'];
const HTML_NAMES = [
  HTML_TYPE,
  'application/vnd.pypi.simple.v1+html',
  'application/vnd.pypi.simple.latest+html',
];

const FILE_EXTENSIONS = [
  // distributions
  '.whl', '.tar.gz', '.zip', '.tar.bz2', '.tar.xz',
  // what lies beside them
  '.yanked', '.project-status', '.metadata', '.provenance', '.asc',
  // pages, and what browsers and robots ask for
  '.html', '.json', '.ico', '.txt',
];

const NAME = /^([A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9])$/;
const QVALUE = /^(0(\.[0-9]*)?|1(\.0*)?)$/;
// All but visible ASCII; also what ends a path, and the backslash, which browsers read as a slash.
const BAD_CHARACTER = /[^!"$->@-\[\]-~]/;
const BAD_ESCAPE = /%(?![0-9A-Fa-f]{2})/;
// Control characters; a slash or backslash that is escaped would be a separator further on.
const FORBIDDEN_ESCAPE = /%([01][0-9A-Fa-f]|7[Ff]|2[Ff]|5[Cc])/;
// Clients resolve dot segments before they ask: one that arrives is an attempt to get elsewhere.
const DOT_SEGMENT = /\/(\.|%2[Ee]){1,2}(\/|$)/;

// Real clients send three media ranges; these bounds only keep a hostile header cheap.
const MAX_ACCEPT_LENGTH = 4096;
const MAX_ACCEPT_RANGES = 64;

const NOT_FOUND = 'There is nothing at this address. Check the spelling of the name.';
const NOT_FOUND_PAGE =
  '<!DOCTYPE html>\n<html lang="en"><meta charset="utf-8"><title>404 Not Found</title>' +
  '<meta name="color-scheme" content="light dark">' +
  '<meta name="viewport" content="width=device-width, initial-scale=1">' +
  '<main><h1>Not Found</h1><p>' + NOT_FOUND + '</p><p><a href="/">Go to the index</a></p></main>';

function handler(event) {
  const request = event.request;
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return request; // the cache behaviour's allowed methods decide
  }
  const uri = request.uri;
  if (!isPossible(uri)) {
    return notFound(request);
  }
  const segments = uri.split('/').filter((segment) => segment !== '');
  const endsInSlash = uri.endsWith('/');
  if (!endsInSlash && !forgotSlash(segments[segments.length - 1])) {
    const path = '/' + segments.join('/');
    return path === uri ? serve(request, path) : redirect(path);
  }
  const wanted = formatOf(request.querystring);
  if (segments.length > 0) {
    segments.push(normalised(segments.pop()));
  }
  const path = segments.length > 0 ? '/' + segments.join('/') + '/' : '/';
  if (path !== uri) {
    return redirect(wanted ? path + '?format=' + escapedType(wanted) : path);
  }
  if ((wanted || preferred(acceptOf(request.headers))) === JSON_TYPE) {
    return serve(request, path + 'index.json');
  }
  return serve(request, path === '/' ? '/index.html' : path + PAGE);
}

function serve(request, uri) {
  request.uri = uri.replace(/\+/g, '%2B'); // S3 reads a raw plus sign as a space
  request.querystring = {}; // it has been heard, and must reach neither the cache key nor S3
  return request;
}

// 301, which pip keeps for ever: only syntax decides it, so that it never changes. Others are told to
// ask again after a day. Accept has no part in it either, hence no Vary.
function redirect(location) {
  return {
    statusCode: 301,
    statusDescription: 'Moved Permanently',
    headers: {
      location: { value: location },
      'cache-control': { value: 'public, max-age=86400' },
    },
  };
}

// Kept no longer than the 404 of a project that may be uploaded any moment. The address is not
// repeated in the body, so that there is nothing to escape. Every browser asks for XHTML as well, and
// no installer does: a person gets a page, an installer one line.
function notFound(request) {
  const browser = acceptOf(request.headers).toLowerCase().indexOf('application/xhtml+xml') >= 0;
  const response = {
    statusCode: 404,
    statusDescription: 'Not Found',
    headers: {
      'cache-control': { value: 'public, max-age=10' },
      'content-type': { value: (browser ? 'text/html' : 'text/plain') + '; charset=utf-8' },
      vary: { value: 'Accept' },
    },
  };
  if (request.method === 'GET') {
    response.body = { encoding: 'text', data: (browser ? NOT_FOUND_PAGE : NOT_FOUND) + '\n' };
  }
  return response;
}

// Whether an object can have this path.
function isPossible(uri) {
  return (
    uri.startsWith('/') &&
    !BAD_CHARACTER.test(uri) &&
    !BAD_ESCAPE.test(uri) &&
    !FORBIDDEN_ESCAPE.test(uri) &&
    !DOT_SEGMENT.test(uri) &&
    decoded(uri) !== null
  );
}

// The text without escapes; null if these are not UTF-8.
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    return null;
  }
}

// Whether a path's last segment is a project's name rather than a file's.
function forgotSlash(segment) {
  const name = decoded(segment);
  const lower = name.toLowerCase();
  return NAME.test(name) && !FILE_EXTENSIONS.some((extension) => lower.endsWith(extension));
}

// A project's normalised name (PEP 503); anything else as it is.
function normalised(segment) {
  const name = decoded(segment);
  return NAME.test(name) ? name.replace(/[-_.]+/g, '-').toLowerCase() : segment;
}

// The form that `?format=` asks for; null when it is absent, repeated or unknown.
function formatOf(querystring) {
  const field = querystring && querystring.format;
  if (!field || (field.multiValue && field.multiValue.length > 1)) {
    return null;
  }
  const value = decoded(field.value);
  // Many clients and proxies decode a plus sign to a space on the way.
  return value === null ? null : typeOf(value.replace(/ /g, '+').toLowerCase());
}

// A type's name as part of a query: a raw plus sign could be read as a space.
function escapedType(type) {
  return type.split('/').map(encodeURIComponent).join('/');
}

// Which of the two forms of a page a media type of the Simple API (PEP 691) means; null if none.
function typeOf(name) {
  if (JSON_NAMES.indexOf(name) >= 0) {
    return JSON_TYPE;
  }
  return HTML_NAMES.indexOf(name) >= 0 ? HTML_TYPE : null;
}

function acceptOf(headers) {
  const field = headers && headers.accept;
  if (!field) {
    return '';
  }
  // A header sent on several lines means the same as one with commas.
  return field.multiValue ? field.multiValue.map((each) => each.value).join(',') : field.value;
}

// A type that is named outright wins by its quality, JSON when they are equal; otherwise HTML.
function preferred(accept) {
  let json = 0;
  let html = 0;
  accept
    .slice(0, MAX_ACCEPT_LENGTH)
    .split(',', MAX_ACCEPT_RANGES)
    .forEach((range) => {
      const parts = range.toLowerCase().split(';');
      const type = typeOf(strip(parts[0]));
      if (type === JSON_TYPE) {
        json = Math.max(json, quality(parts));
      } else if (type === HTML_TYPE) {
        html = Math.max(html, quality(parts));
      }
    });
  return json > 0 && json >= html ? JSON_TYPE : HTML_TYPE;
}

// The first q of a media range's parts; 0 when it is not one.
function quality(parts) {
  for (let i = 1; i < parts.length; i++) {
    const equals = parts[i].indexOf('=');
    if (strip(equals < 0 ? parts[i] : parts[i].slice(0, equals)) === 'q') {
      const value = equals < 0 ? '' : strip(parts[i].slice(equals + 1));
      return QVALUE.test(value) ? parseFloat(value) : 0;
    }
  }
  return 1;
}

// Without blanks at the ends: not trim(), which takes more than HTTP calls blank, and not a regular
// expression, which would look at a long run of blanks again and again.
function strip(text) {
  let start = 0;
  let end = text.length;
  while (start < end && (text[start] === ' ' || text[start] === '\t')) {
    start++;
  }
  while (end > start && (text[end - 1] === ' ' || text[end - 1] === '\t')) {
    end--;
  }
  return text.slice(start, end);
}
