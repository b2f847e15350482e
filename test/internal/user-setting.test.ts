import t from 'tap'
import { checkSetting } from '../../lib/internal/user-setting.js'

t.test('a setting is a custom one, with a dot in it', async (t) => {
  for (const setting of ['app.user_id', 'My.user', 'a.b.c_1']) t.doesNotThrow(() => checkSetting(setting), setting)
  for (const setting of ['user_id', 'app.', '.user', "app.x'", 'app.1', '', 7, undefined]) {
    t.throws(() => checkSetting(setting), { name: 'TypeError', message: /^A setting for the user id is a custom one with a dot in it/ })
  }
})
