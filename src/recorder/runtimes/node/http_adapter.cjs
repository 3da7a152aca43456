'use strict';
// Loaded by Node before the program, for `keytrail run --http`: hands the heads of requests
// and answers to the recorder. The recorder answers a read of a reserved name of process.env,
// and no other code hears of the read. Bodies stay where they are. Requests without TLS are
// recorded on their sockets: of these only the place is told, unless they are of HTTP/2.
// Flags: f fetch, h http, 2 http2; t TLS, c without TLS. Of two flags, the recorder sees no head.
//
// The program must not notice this file: no property is left behind, no function that the
// program can replace is called later, and no error leaves this file.
try {
	const channels = require('diagnostics_channel');
	const env = process.env;
	const reserved = '\u0001keytrail:'.padEnd(100, ':');
	const known = new WeakMap(); // the number of a request
	const stacks = new WeakMap();
	// How often, by method, host and path.
	const created = new Map(), started = new Map(), fetched = new Map(), streamed = new Map();
	const { get, set } = WeakMap.prototype;
	const { get: mapGet, set: mapSet, clear: mapClear } = Map.prototype;
	const { apply, getOwnPropertyDescriptor } = Reflect;
	const { captureStackTrace } = Error;
	const { isArray } = Array;
	const { latin1Slice } = Buffer.prototype;
	const { indexOf, slice } = String.prototype;
	const { getHeaders, getHeader } = require('http').OutgoingMessage.prototype;
	let last = 0;

	const tell = (kind, id, flags, text) => env[reserved + kind + id + ':' + flags + '\n' + text];

	const textOf = (value) => (typeof value === 'string' || typeof value === 'number' ? '' + value
		: value instanceof Buffer ? apply(latin1Slice, value, []) : undefined);

	// One line of a head, or none for a value of another type.
	const line = (name, value) => {
		let lines = '';
		if (typeof value === 'object' && value !== null && !(value instanceof Buffer)) {
			for (let i = 0; i < value.length; i++)
				lines += line(name, value[i]);
			return lines;
		}
		value = textOf(value);
		name = textOf(name);
		return name !== undefined && value !== undefined ? name + ': ' + value + '\r\n' : '';
	};

	const pairs = (list) => {
		let lines = '';
		for (let i = 0; i + 1 < list.length; i += 2)
			lines += line(list[i], list[i + 1]);
		return lines;
	};

	// Of HTTP/2: an object, or a list as `pairs` has it.
	const valueIn = (headers, name) => {
		if (!isArray(headers))
			return headers[name];
		for (let i = 0; i + 1 < headers.length; i += 2)
			if (headers[i] === name)
				return headers[i + 1];
		return undefined;
	};

	const lines = (headers) => {
		let all = '';
		if (isArray(headers))
			return pairs(headers);
		for (const name in headers)
			all += name[0] === ':' ? '' : line(name, headers[name]);
		return all;
	};

	// Sources of the program may ask for stacks in a form of their own: that code does not run.
	const stackHere = () => {
		const prepare = getOwnPropertyDescriptor(Error, 'prepareStackTrace');
		const limit = getOwnPropertyDescriptor(Error, 'stackTraceLimit');
		const holder = {};
		if ((prepare && !prepare.writable) || !limit || !limit.writable)
			return '';
		try {
			if (prepare)
				Error.prepareStackTrace = undefined;
			Error.stackTraceLimit = 64;
			captureStackTrace(holder);
			return holder.stack;
		} finally {
			Error.stackTraceLimit = limit.value;
			if (prepare)
				Error.prepareStackTrace = prepare.value;
		}
	};

	// The first requests for a path, and those at powers of two: asking for a place costs more.
	const isDue = (counts, request, host) => {
		const query = apply(indexOf, request.path, ['?']);
		const path = request.method + ' ' + host + (query < 0 ? request.path : apply(slice, request.path, [0, query]));
		const count = (apply(mapGet, counts, [path]) ?? 0) + 1;
		if (counts.size > 255)
			apply(mapClear, counts, []);
		apply(mapSet, counts, [path, count]);
		return count < 4 || (count & (count - 1)) === 0;
	};

	const tellRequest = (request, flags, start, headers) => {
		const id = ++last;
		if (flags.length === 2)
			apply(set, known, [request, id]);
		if (tell('q', id, flags, start + ' HTTP/1.1\r\n' + headers + '\r\n') !== undefined)
			tell('p', id, flags, apply(get, stacks, [request]) ?? stackHere());
	};

	const tellAnswer = (request, status, headers) => {
		const id = apply(get, known, [request]);
		if (id !== undefined)
			tell('a', id, '', 'HTTP/1.1 ' + status + '\r\n' + lines(headers) + '\r\n');
	};

	const subscribers = {
		'undici:request:create': ({ request }) => {
			const origin = '' + request.origin;
			const { headers } = request;
			const colon = apply(indexOf, origin, ['://']);
			const isTls = apply(slice, origin, [0, colon]) === 'https';
			if (!isTls && !isDue(fetched, request, origin))
				return;
			tellRequest(request, isTls ? 'ft' : 'f', request.method + ' ' + request.path,
				line('host', apply(slice, origin, [colon + 3])) + (typeof headers === 'string' ? headers : pairs(headers)));
		},
		'undici:request:headers': ({ request, response }) => {
			tellAnswer(request, response.statusCode, response.headers);
		},
		'undici:request:bodyChunkReceived': ({ request, chunk }) => {
			const id = apply(get, known, [request]);
			if (id !== undefined && chunk instanceof Buffer)
				tell('b', id, '', apply(latin1Slice, chunk, chunk.length > 4096 ? [0, 4096] : []));
		},
		// Later the line that made the request is no longer on the stack.
		'http.client.request.created': ({ request }) => {
			if (isDue(created, request, request.host))
				apply(set, stacks, [request, stackHere()]);
		},
		'http.client.request.start': ({ request }) => {
			if (request.protocol !== 'https:' && !isDue(started, request, request.host))
				return;
			const host = apply(getHeader, request, ['host']) === undefined ? line('host', request.host) : '';
			tellRequest(request, request.protocol === 'https:' ? 'ht' : 'h', request.method + ' ' + request.path,
				host + lines(apply(getHeaders, request, [])));
		},
		'http.client.response.finish': ({ request, response }) => {
			tellAnswer(request, response.statusCode, response.rawHeaders);
		},
		'http2.client.stream.created': ({ stream, headers }) => {
			const request = { method: valueIn(headers, ':method'), path: '' + valueIn(headers, ':path') };
			if (isDue(streamed, request, valueIn(headers, ':authority')))
				apply(set, stacks, [stream, stackHere()]);
		},
		'http2.client.stream.start': ({ stream, headers }) => {
			const host = valueIn(headers, ':authority');
			tellRequest(stream, valueIn(headers, ':scheme') === 'https' ? '2t' : '2c',
				valueIn(headers, ':method') + ' ' + valueIn(headers, ':path'),
				(host === undefined ? '' : line('host', host)) + lines(headers));
		},
		'http2.client.stream.finish': ({ stream, headers }) => {
			tellAnswer(stream, valueIn(headers, ':status'), headers);
		},
	};

	// From 22.17 and 24.1 on Node tells of HTTP/2.
	const [major, minor] = process.versions.node.split('.').map(Number);
	const tellsHttp2 = major > 24 || (major === 24 && minor >= 1) || (major === 22 && minor >= 17);

	if (tell('s', 0, tellsHttp2 ? '2' : '', '') !== undefined)
		for (const name of Object.keys(subscribers)) {
			const subscriber = subscribers[name];
			channels.subscribe(name, (message) => {
				try {
					subscriber(message);
				} catch {
					// the request goes on, unrecorded
				}
			});
		}
	delete require.cache[__filename];
	const { _pathCache } = module.constructor;
	for (const key of Object.keys(_pathCache))
		if (_pathCache[key] === __filename)
			delete _pathCache[key];
	// Node itself goes on through the old list.
	const list = getOwnPropertyDescriptor(process, '_preload_modules');
	if (list && list.configurable)
		Object.defineProperty(process, '_preload_modules',
			{ ...list, value: list.value.filter((name) => name !== __filename) });
} catch {
	// a Node of another kind: nothing is told
}
