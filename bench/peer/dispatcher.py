"""Calls a driver with hooks around it, as the share manager of OpenStack Manila does.

Reads lines "work HOOKS TIMES" and makes a call with that many hooks that many times. With a third word, "pre" or "post", that
function of the last hook fails. Answers each line with one: "done", or the error.
"""

import functools
import logging
import sys

LOG = logging.getLogger("hooks")
LOG.setLevel(logging.INFO)


def with_hooks(method):
    """Runs the hooks of a manager around one of its methods."""
    name = method.__name__

    @functools.wraps(method)
    def around(manager, *args, **kwargs):
        if not manager.hooks:
            return method(manager, *args, **kwargs)
        handed_over = []
        for hook in manager.hooks:
            handed_over.append(hook.execute_pre_hook(*args, func_name=name, **kwargs))
        result = method(manager, *args, **kwargs)
        for hook, pre_data in zip(manager.hooks, handed_over):
            hook.execute_post_hook(
                *args, func_name=name, pre_hook_data=pre_data, driver_action_results=result, **kwargs)
        return result

    return around


class Hook:
    """A hook that does nothing, with all that runs around it."""

    def __init__(self):
        self.pre_enabled = True
        self.post_enabled = True
        self.suppress_pre_errors = False
        self.suppress_post_errors = False

    def execute_pre_hook(self, context=None, func_name=None, *args, **kwargs):
        if not self.pre_enabled:
            return None
        LOG.debug("running a pre hook")
        try:
            return self.pre(context=context, func_name=func_name, *args, **kwargs)
        except Exception as error:
            if not self.suppress_pre_errors:
                raise
            LOG.warning("suppressed the error of a pre hook: %s", error)
            return error

    def execute_post_hook(self, context=None, func_name=None, pre_hook_data=None, driver_action_results=None, *args, **kwargs):
        if not self.post_enabled:
            return None
        LOG.debug("running a post hook")
        try:
            return self.post(
                context=context, func_name=func_name, pre_hook_data=pre_hook_data,
                driver_action_results=driver_action_results, *args, **kwargs)
        except Exception as error:
            if not self.suppress_post_errors:
                raise
            LOG.warning("suppressed the error of a post hook: %s", error)
            return error

    def pre(self, context, func_name, *args, **kwargs):
        pass

    def post(self, context, func_name, pre_hook_data, driver_action_results, *args, **kwargs):
        pass


class FailsBefore(Hook):
    def pre(self, context, func_name, *args, **kwargs):
        raise RuntimeError("pre failed")


class FailsAfter(Hook):
    def post(self, context, func_name, pre_hook_data, driver_action_results, *args, **kwargs):
        raise RuntimeError("post failed")


class Driver:
    def extend_share(self, share, new_size):
        return None


class Manager:
    def __init__(self, hooks):
        self.hooks = hooks
        self.driver = Driver()

    @with_hooks
    def extend_share(self, context, share=None, new_size=None):
        return self.driver.extend_share(share, new_size)


SHARE = {
    "id": "share-000001", "share_id": "share-000001", "name": "home", "project_id": "project-1", "size": 1,
    "share_proto": "NFS", "share_type": "default", "status": "available", "host": "storage-1@nfs#pool",
    "export_locations": [], "access_rules": [], "metadata": {"owner": "ops", "tier": "gold"},
}


def work(count, times, failing):
    hooks = [Hook() for _ in range(count)]
    if failing:
        hooks[-1] = {"pre": FailsBefore, "post": FailsAfter}[failing]()
    manager = Manager(hooks)
    context = {"user_id": "ada"}
    for _ in range(times):
        manager.extend_share(context, share=SHARE, new_size=2)


def main():
    for line in sys.stdin:
        _, count, times, *failing = line.split()
        try:
            work(int(count), int(times), "".join(failing))
            print("done", flush=True)
        except RuntimeError as error:
            print(error, flush=True)


if __name__ == "__main__":
    main()
