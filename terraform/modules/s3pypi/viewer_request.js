// The viewer-request function of a deployment without basic authentication (CloudFront Functions,
// runtime cloudfront-js-2.0). With basic authentication, the Lambda@Edge function replaces it. The
// docstring of basic_auth/negotiation.py explains the rules. tests/vectors/negotiation.json holds both
// to the same results; start changes there.
//
// Requirements for the distribution:
// - Every cache behavior uses this function, and no cache key contains Accept or the query. The
//   rewritten path is the whole key, so that each object is cached once.
// - default_root_object is empty, so that the function sees requests for the root.
// - All methods are allowed, so that the function can answer 405 with one line. With fewer, CloudFront itself
//   answers 403, and uploaders such as `uv publish` print a whole page. Nothing but GET and HEAD reaches S3.
// - A *response headers policy* adds `Vary: Accept` to pages (200 and 304), because S3 cannot store
//   that header. The policy belongs to ordered cache behaviors with the path patterns `*/` and `/`
//   (the first may need a character before its slash), as paths that end in a slash are pages.
//   CloudFront chooses the behavior by the path that the viewer sent, before it is rewritten here.
//   Rejected: a viewer-response function, which would also run for each file, and would have to be a
//   Lambda@Edge function with basic authentication, as the two kinds cannot be mixed.
//
// The runtime supports ECMAScript 5.1 and few later features: no destructuring, spread, for-of, default
// parameters, classes or optional chaining. If the function throws, the viewer gets a 503.

// The name of an HTML page in its directory; Terraform inserts index.html with `index_html`.
const PAGE = '';
// The origins that may read the index; S3 only answers them for its own responses. Terraform inserts `cors_origins`.
const CORS_ORIGINS = [];

const JSON_TYPE = 'application/vnd.pypi.simple.v1+json';
const HTML_TYPE = 'text/html';

// Arrays and not objects, because a client may request the type `constructor`.
const JSON_NAMES = [JSON_TYPE, 'application/vnd.pypi.simple.latest+json'];
const HTML_NAMES = [
  HTML_TYPE,
  'application/vnd.pypi.simple.v1+html',
  'application/vnd.pypi.simple.latest+html',
];

const FILE_EXTENSIONS = [
  // distributions
  '.whl', '.tar.gz', '.zip', '.tar.bz2', '.tar.xz',
  // files beside distributions
  '.yanked', '.project-status', '.metadata', '.provenance', '.asc',
  // pages, and files that browsers and crawlers request
  '.html', '.json', '.ico', '.txt',
];

const NAME = /^([A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9])$/;
const QVALUE = /^(0(\.[0-9]*)?|1(\.0*)?)$/;
// Everything except visible ASCII; also `#` and `?`, and `\`, which browsers take for a slash.
const BAD_CHARACTER = /[^!"$->@-\[\]-~]/;
const BAD_ESCAPE = /%(?![0-9A-Fa-f]{2})/;
// Control characters, and escaped slashes and backslashes, which others may treat as separators.
const FORBIDDEN_ESCAPE = /%([01][0-9A-Fa-f]|7[Ff]|2[Ff]|5[Cc])/;
// Clients resolve dot segments before they send a request; a remaining one is an attack.
const DOT_SEGMENT = /\/(\.|%2[Ee]){1,2}(\/|$)/;

// Real clients send about three media ranges; these limits bound the cost of a hostile header.
const MAX_ACCEPT_LENGTH = 4096;
const MAX_ACCEPT_RANGES = 64;

const NOT_FOUND = 'There is nothing at this address. Check the spelling of the name.';
const READ_ONLY = 'This address is for reading only. Upload packages with s3pypi upload.';
const STYLE = 'body{max-width:36rem;margin:20vh auto;padding:0 1.5rem;font:1rem/1.5 system-ui,sans-serif}';

function handler(event) {
  const request = event.request;
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    const refusal = failure(request, 405, 'Method Not Allowed', READ_ONLY);
    refusal.headers.allow = { value: 'GET, HEAD' };
    return refusal;
  }
  const uri = request.uri;
  if (!isPossible(uri)) {
    return failure(request, 404, 'Not Found', NOT_FOUND);
  }
  const segments = uri.split('/').filter((segment) => segment !== '');
  const endsInSlash = uri.endsWith('/');
  if (!endsInSlash && !forgotSlash(segments[segments.length - 1])) {
    const path = '/' + segments.join('/');
    return path === uri ? serve(request, path) : redirect(request, path);
  }
  const wanted = formatOf(request.querystring);
  if (segments.length > 0) {
    segments.push(normalized(segments.pop()));
  }
  const path = segments.length > 0 ? '/' + segments.join('/') + '/' : '/';
  if (path !== uri) {
    return redirect(request, wanted ? path + '?format=' + escapedType(wanted) : path);
  }
  if ((wanted || preferred(acceptOf(request.headers))) === JSON_TYPE) {
    return serve(request, path + 'index.json');
  }
  return serve(request, path === '/' ? '/index.html' : path + PAGE);
}

function serve(request, uri) {
  request.uri = uri.replace(/\+/g, '%2B'); // S3 decodes a raw plus sign as a space
  request.querystring = {}; // neither the cache key nor S3 may see it
  return request;
}

// 301, which pip caches forever: it depends on syntax alone, so it never changes. Other clients cache it
// for a day. It does not depend on Accept, hence no Vary. micropip follows one if the URL of its index ends in a slash.
function redirect(request, location) {
  return shared(request, {
    statusCode: 301,
    statusDescription: 'Moved Permanently',
    headers: {
      location: { value: location },
      'cache-control': { value: 'public, max-age=86400' },
    },
  });
}

// Returns the response with the headers that let web pages of other origins read it.
function shared(request, response) {
  const any = CORS_ORIGINS.indexOf('*') >= 0;
  const origin = request.headers && request.headers.origin ? request.headers.origin.value : '';
  if (any || CORS_ORIGINS.indexOf(origin) >= 0) {
    response.headers['access-control-allow-origin'] = { value: any ? '*' : origin };
  }
  if (CORS_ORIGINS.length > 0 && !any) {
    const vary = response.headers.vary;
    response.headers.vary = { value: vary ? vary.value + ', Origin' : 'Origin' };
  }
  return response;
}

// Not cached, like the 404 of a project that may be uploaded at any time. The body does not contain the
// URL, so nothing must be escaped. Browsers, which accept XHTML, get a page; installers get one line.
function failure(request, status, phrase, text) {
  const browser = acceptOf(request.headers).toLowerCase().indexOf('application/xhtml+xml') >= 0;
  const response = {
    statusCode: status,
    statusDescription: phrase,
    headers: {
      'cache-control': { value: 'public, max-age=10' },
      'content-type': { value: (browser ? 'text/html' : 'text/plain') + '; charset=utf-8' },
      vary: { value: 'Accept' },
    },
  };
  if (request.method !== 'HEAD') {
    response.body = { encoding: 'text', data: (browser ? page(status, phrase, text) : text) + '\n' };
  }
  return shared(request, response);
}

function page(status, phrase, text) {
  return '<!DOCTYPE html>\n<html lang="en"><meta charset="utf-8"><title>' + status + ' ' + phrase +
    '</title><meta name="color-scheme" content="light dark">' +
    '<meta name="viewport" content="width=device-width, initial-scale=1"><style>' + STYLE +
    '</style><main><h1>' + phrase + '</h1><p>' + text + '</p><p><a href="/">Go to the index</a></p></main>';
}

// Returns whether an object can have this path.
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

// Returns the decoded text; null if it is not UTF-8.
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    return null;
  }
}

// Returns whether the last segment of a path is a project name and not a filename.
function forgotSlash(segment) {
  const name = decoded(segment);
  const lower = name.toLowerCase();
  return NAME.test(name) && !FILE_EXTENSIONS.some((extension) => lower.endsWith(extension));
}

// Returns the normalized project name (PEP 503); anything else unchanged.
function normalized(segment) {
  const name = decoded(segment);
  return NAME.test(name) ? name.replace(/[-_.]+/g, '-').toLowerCase() : segment;
}

// Returns the form that `?format=` names; null if it is absent, repeated or unknown.
function formatOf(querystring) {
  const field = querystring && querystring.format;
  if (!field || (field.multiValue && field.multiValue.length > 1)) {
    return null;
  }
  const value = decoded(field.value);
  // Many clients and proxies decode a plus sign to a space.
  return value === null ? null : typeOf(value.replace(/ /g, '+').toLowerCase());
}

// Returns a media type for a query, without raw plus signs, which could be decoded as spaces.
function escapedType(type) {
  return type.split('/').map(encodeURIComponent).join('/');
}

// Returns the form of a page for a media type of the Simple API (PEP 691); null for other types.
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
  // Several headers are equivalent to one with commas.
  return field.multiValue ? field.multiValue.map((each) => each.value).join(',') : field.value;
}

// Returns the form with the highest quality, JSON if they are equal; HTML if neither is named.
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

// Returns the first q parameter of a media range; 0 if it is invalid.
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

// Removes blanks at both ends. trim() removes other characters, too, and a regular expression takes
// quadratic time for long runs of blanks.
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
