// Objects of others with some of their properties replaced.

/**
 * Getters for the properties of an object. A plugin may change a property later, or keep it where only the object can read it.
 * @param {any} object
 * @returns {any} property descriptors
 */
export function forwarded(object) {
  // Without a prototype, so that no name seems to be there already.
  const all = Object.create(null)
  for (let at = object; at && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Reflect.ownKeys(at)) {
      const { get, enumerable } = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(at, name))
      if (at === object || get) all[name] ??= { get: () => object[name], enumerable }
    }
  }
  return all
}

/**
 * An object with some of its properties replaced. All others are read from it.
 * @template {object} Of
 * @param {Of} object
 * @param {Partial<Of>} properties
 * @returns {Of}
 */
export function withProperties(object, properties) {
  const all = forwarded(object)
  for (const [name, value] of Object.entries(properties)) all[name] = { value, enumerable: true }
  return Object.create(Object.getPrototypeOf(object), all)
}
