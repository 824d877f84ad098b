// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// surface lists what a client object offers, by reflection: methods, and those of the
// objects behind its getters with a dot, such as unmanaged.get.
export function surface(client, prefix = '') {
  const found = []
  const properties = Object.getOwnPropertyDescriptors(Object.getPrototypeOf(client))
  for (const [name, property] of Object.entries(properties)) {
    if (name === 'constructor') continue
    if (property.get === undefined) found.push(prefix + name)
    else found.push(...surface(client[name], `${prefix}${name}.`))
  }
  return found.sort()
}

// ways lists the functions of a class that make a client.
export function ways(type) {
  return Object.getOwnPropertyNames(type)
    .filter((name) => typeof type[name] === 'function')
    .sort()
}
