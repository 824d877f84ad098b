// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Writes what the types of @seamapi/http say of the API as an OpenAPI document: node types.mjs <file>
//
// The client is generated from later types than npm has of @seamapi/types. Its sources name, for each method, the path, the
// parameters and the answer; they are read with the compiler of TypeScript, not run. A form of type that is not known here
// ends the program: to pass over it would be to check nothing.

import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'

import ts from 'typescript'

const lib = new URL('node_modules/@seamapi/http/src/lib/', import.meta.url).pathname
const families = [
  'access-codes',
  'action-attempts',
  'client-sessions',
  'devices',
  'events',
  'webhooks',
  'workspaces',
]

/** The declared types of a file, by name. */
const declarations = (file) => {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true)
  const aliases = source.statements.filter(ts.isTypeAliasDeclaration)
  return { source, types: new Map(aliases.map((alias) => [alias.name.text, alias.type])) }
}

/** Objects of the API, such as AccessCode, by name. */
const resources = new Map(
  readdirSync(join(lib, 'resources')).flatMap((name) => [...declarations(join(lib, 'resources', name)).types]),
)

/** The schemas of the objects that were asked for. */
const schemas = {}

const component = (name) => {
  if (!(name in schemas)) {
    schemas[name] = {} // known before it is read
    schemas[name] = schemaOf(resources.get(name))
  }
  return { $ref: `#/components/schemas/${name}` }
}

const unknown = (node) => {
  const { line } = node.getSourceFile().getLineAndCharacterOfPosition(node.getStart())
  const place = `${basename(node.getSourceFile().fileName)}:${line + 1}`
  throw new Error(`${place}: ${ts.SyntaxKind[node.kind]} is not known: ${node.getText().slice(0, 80)}`)
}

/** The schema of a type. */
const schemaOf = (node) => {
  switch (node.kind) {
    case ts.SyntaxKind.StringKeyword:
      return { type: 'string' }
    case ts.SyntaxKind.NumberKeyword:
      return { type: 'number' }
    case ts.SyntaxKind.BooleanKeyword:
      return { type: 'boolean' }
    case ts.SyntaxKind.UnknownKeyword:
      return {}
    case ts.SyntaxKind.ParenthesizedType:
      return schemaOf(node.type)
    case ts.SyntaxKind.LiteralType:
      return literal(node.literal)
    case ts.SyntaxKind.UnionType:
      return union(node.types)
    case ts.SyntaxKind.TypeLiteral:
      return object(node)
    case ts.SyntaxKind.TypeReference:
      return reference(node)
  }
  return unknown(node)
}

const literal = (node) => {
  switch (node.kind) {
    case ts.SyntaxKind.NullKeyword:
      return { nullable: true, enum: [null] }
    case ts.SyntaxKind.TrueKeyword:
      return { type: 'boolean', enum: [true] }
    case ts.SyntaxKind.FalseKeyword:
      return { type: 'boolean', enum: [false] }
    case ts.SyntaxKind.StringLiteral:
      return { type: 'string', enum: [node.text] }
    case ts.SyntaxKind.NumericLiteral:
      return { type: 'number', enum: [Number(node.text)] }
  }
  return unknown(node)
}

const isNull = (node) => ts.isLiteralTypeNode(node) && node.literal.kind === ts.SyntaxKind.NullKeyword

/** A union of words is one enum, null is a flag, and what may be left out is said by the property. */
const union = (nodes) => {
  const parts = nodes
    .filter((node) => node.kind !== ts.SyntaxKind.UndefinedKeyword && !isNull(node))
    .map(schemaOf)
  const nullable = nodes.some(isNull) ? { nullable: true } : {}
  if (parts.length === 1 && parts[0].$ref === undefined) return { ...parts[0], ...nullable }
  if (parts.length > 0 && parts.every((part) => part.type === 'string' && part.enum !== undefined)) {
    const words = parts.flatMap((part) => part.enum)
    return { type: 'string', enum: nullable.nullable ? [...words, null] : words, ...nullable }
  }
  const different = [...new Map(parts.map((part) => [JSON.stringify(part), part])).values()]
  return different.length === 1 ? { ...different[0], ...nullable } : { anyOf: different, ...nullable }
}

const object = (node) => {
  const properties = {}
  const required = []
  for (const member of node.members) {
    if (!ts.isPropertySignature(member)) return unknown(member)
    const name = member.name.text
    properties[name] = schemaOf(member.type)
    if (ts.getJSDocDeprecatedTag(member) !== undefined) properties[name].deprecated = true
    if (member.questionToken === undefined) required.push(name)
  }
  const open = node.members.length === 0 // {} takes any object
  return { type: 'object', ...(open ? {} : { properties }), ...(required.length > 0 ? { required } : {}) }
}

const reference = (node) => {
  const name = node.typeName.getText()
  switch (name) {
    case 'Array':
      return { type: 'array', items: schemaOf(node.typeArguments[0]) }
    case 'Record':
      return { type: 'object', additionalProperties: schemaOf(node.typeArguments[1]) }
    case 'Date': // written as a string
    case 'Temporal.Instant':
      return { type: 'string' }
    case 'RequireAtLeastOne': // of these names: what a request must have beyond is the first contract's
      return schemaOf(node.typeArguments[0])
  }
  return resources.has(name) ? component(name) : unknown(node)
}

/** The fields of the object that a method hands to SeamHttpRequest. */
const fieldsOf = (call) => {
  const fields = {}
  for (const field of call.arguments[1].properties) {
    const value = field.initializer
    if (value === undefined) continue
    if (ts.isStringLiteral(value)) fields[field.name.text] = value.text
    if (value.kind === ts.SyntaxKind.TrueKeyword) fields[field.name.text] = true
  }
  return fields
}

const page = {
  type: 'object',
  required: ['has_next_page', 'next_page_cursor', 'next_page_url'],
  properties: {
    has_next_page: { type: 'boolean' },
    next_page_cursor: { type: 'string', nullable: true },
    next_page_url: { type: 'string', nullable: true },
  },
}

/** An answer is an object with one key, or nothing that the client looks at. */
const answer = (types, name, { hasPagination }) => {
  const [type] = types.get(name).typeArguments
  const schema = type.kind === ts.SyntaxKind.VoidKeyword ? { type: 'object', properties: {} } : object(types.get(type.getText()))
  if (hasPagination) {
    schema.properties.pagination = page
    schema.required.push('pagination')
  }
  return schema
}

const json = (schema) => ({ content: { 'application/json': { schema } } })

/** What a method says of its path: the verb that the client uses, and POST, which every path takes. */
const operations = (types, method, call) => {
  const fields = fieldsOf(call)
  const declared = types.get(method.parameters[0].type.getText())
  const parameters = schemaOf(declared)
  const responses = { 200: { description: 'OK', ...json(answer(types, method.type.getText(), fields)) } }
  const query = Object.entries(parameters.properties ?? {}).map(([name, schema]) => ({
    in: 'query', name, schema, required: parameters.required?.includes(name) ?? false,
  }))
  const body = { requestBody: json(parameters), responses }
  const verb = fields.method.toLowerCase()
  const own = ['get', 'delete'].includes(verb) ? { parameters: query, responses } : body
  return [fields.pathname, { post: body, [verb]: own }]
}

const paths = {}

const read = (file) => {
  const { source, types } = declarations(file)
  const visit = (node, method) => {
    if (ts.isNewExpression(node) && node.expression.getText() === 'SeamHttpRequest') {
      const [path, item] = operations(types, method, node)
      paths[path] = item
    }
    ts.forEachChild(node, (child) => visit(child, ts.isMethodDeclaration(node) ? node : method))
  }
  visit(source)
}

for (const family of families) {
  for (const name of readdirSync(join(lib, 'routes', family), { recursive: true })) {
    if (name.endsWith('.ts') && basename(name) !== 'index.ts') read(join(lib, 'routes', family, name))
  }
}

const [file] = process.argv.slice(2)
if (file === undefined) {
  console.error('usage: node types.mjs <file>')
  process.exit(2)
}
const { version } = JSON.parse(readFileSync(join(lib, '../../package.json'), 'utf8'))
const document = { openapi: '3.0.0', info: { title: '@seamapi/http', version }, paths, components: { schemas } }
// Renamed into place when whole.
writeFileSync(`${file}.part`, JSON.stringify(document))
renameSync(`${file}.part`, file)
