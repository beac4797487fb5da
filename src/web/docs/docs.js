/* docs.js - shows /openapi.json; builds elements only, never markup. */
"use strict";

(() => {
	const DEPTH_MAX = 6;
	const METHODS = ["get", "post", "patch", "delete"];
	let api;

	const element = (name, attributes, ...children) => {
		const node = document.createElement(name);
		for (const [key, value] of Object.entries(attributes))
			node.setAttribute(key, value);
		node.append(...children);
		return node;
	};

	const resolve = (thing) => {
		while (thing && thing.$ref)
			thing = thing.$ref.slice(2).split("/").reduce(
				(at, key) => at[key], api);
		return thing || {};
	};

	const limits = (schema) => {
		const words = [];
		if (schema.enum)
			words.push("one of " + schema.enum.map(
				(value) => JSON.stringify(value)).join(", "));
		if (schema.const !== undefined)
			words.push("always " + JSON.stringify(schema.const));
		if (schema.format)
			words.push(schema.format);
		if (schema.pattern)
			words.push("like " + schema.pattern);
		if (schema.minimum !== undefined || schema.maximum !== undefined)
			words.push(`${schema.minimum ?? "…"} to ${schema.maximum ?? "…"}`);
		if (schema.maxLength !== undefined)
			words.push(`at most ${schema.maxLength} characters`);
		if (schema.maxItems !== undefined)
			words.push(`at most ${schema.maxItems} items`);
		if (schema.default !== undefined)
			words.push("default " + JSON.stringify(schema.default));
		return words.join("; ");
	};

	const typeName = (schema) => {
		if (schema.oneOf || schema.anyOf)
			return (schema.oneOf || schema.anyOf).map(
				(one) => typeName(resolve(one))).join(" or ");
		const type = [].concat(schema.type || []).join(" or ");
		return type === "array" ?
			`array of ${typeName(resolve(schema.items))}` : type;
	};

	/* The object that a schema's fields are in, through lists and choices. */
	const inner = (schema) => {
		if (schema.type === "array")
			return inner(resolve(schema.items));
		for (const one of schema.oneOf || schema.anyOf || [])
			if (resolve(one).properties)
				return resolve(one);
		return schema;
	};

	const fields = (schema, depth) => {
		const list = element("ul", { class: "fields" });
		const required = new Set(schema.required || []);
		for (const [name, raw] of Object.entries(schema.properties || {})) {
			const one = resolve(raw);
			const about = raw.description || one.description || "";
			const item = element("li", {},
				element("code", {}, name), " ",
				element("span", { class: "quiet" },
					typeName(one) +
					(required.has(name) ? ", required" : "")),
				" ", [about, limits(one)].filter(Boolean).join(" — "));
			for (const example of one.examples || [])
				item.append(element("pre", {},
					JSON.stringify(example, null, 2)));
			const below = inner(one);
			if (below.properties && depth < DEPTH_MAX)
				item.append(fields(below, depth + 1));
			list.append(item);
		}
		return list;
	};

	const content = (holder) => {
		const parts = [];
		for (const [mime, media] of Object.entries(holder.content || {})) {
			const schema = resolve(media.schema);
			parts.push(element("p", { class: "quiet" }, mime));
			if (inner(schema).properties)
				parts.push(fields(inner(schema), 0));
			for (const one of schema.examples || [])
				parts.push(element("p", { class: "quiet" },
					"For example"),
					element("pre", {},
						JSON.stringify(one, null, 2)));
		}
		return parts;
	};

	const parameters = (list) => {
		const node = element("ul", { class: "fields" });
		for (const parameter of list.map(resolve)) {
			const schema = resolve(parameter.schema);
			node.append(element("li", {},
				element("code", {}, parameter.name), " ",
				element("span", { class: "quiet" },
					`${parameter.in}, ${typeName(schema)}`),
				" ", [parameter.description, limits(schema)]
					.filter(Boolean).join(" — ")));
		}
		return node;
	};

	const operation = (path, method, op, common) => {
		const body = element("div", {});
		const given = [...common, ...(op.parameters || [])];
		if (op.description)
			body.append(element("p", {}, op.description));
		if (given.length)
			body.append(element("h3", {}, "Parameters"),
				parameters(given));
		if (op.requestBody)
			body.append(element("h3", {}, "Body"),
				...content(resolve(op.requestBody)));
		for (const [status, raw] of Object.entries(op.responses)) {
			const answer = resolve(raw);
			body.append(element("h3", {},
				status === "default" ? "Any other answer" :
					`Answer ${status}`),
				element("p", {}, answer.description),
				...content(answer));
		}
		return element("details", { id: op.operationId },
			element("summary", {},
				element("span", { class: `method ${method}` },
					method.toUpperCase()),
				element("code", {}, path),
				element("span", { class: "quiet" }, op.summary)),
			body);
	};

	const show = () => {
		const groups = new Map(api.tags.map((tag) => [tag.name,
			element("section", { id: "tag-" + tag.name },
				element("h2", {}, tag.name),
				element("p", {}, tag.description))]));
		for (const [path, item] of Object.entries(api.paths))
			for (const method of METHODS)
				if (item[method])
					groups.get(item[method].tags[0]).append(
						operation(path, method, item[method],
							item.parameters || []));
		document.getElementById("about").textContent =
			api.info.description;
		document.getElementById("contents").append(element("ul", {},
			...api.tags.map((tag) => element("li", {},
				element("a", { href: "#tag-" + tag.name },
					tag.name)))));
		document.getElementById("operations").append(...groups.values());
		const wanted = document.getElementById(location.hash.slice(1));
		if (wanted) {
			wanted.open = true;
			wanted.scrollIntoView();
		}
	};

	fetch("/openapi.json").then((answer) => {
		if (!answer.ok)
			throw new Error(`/openapi.json answered ${answer.status}`);
		return answer.json();
	}).then((read) => {
		api = read;
		show();
	}).catch((error) => {
		document.getElementById("about").textContent = error.message;
	});
})();
