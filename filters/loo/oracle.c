/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "oracle.h"

#include "pref/number.h"
#include "pref/option.h"

#include <stddef.h>
#include <string.h>

#define NOT_GIVEN UINT64_MAX
#define ORACLES "majority[:M], posterior[:P], strength[:Z] or exec:COMMAND"

/* Whether the text is "name", with *argument NULL, or "name:" and an argument. */
static int is_oracle(const char *text, const char *name, const char **argument)
{
    size_t n = strlen(name);
    *argument = NULL;
    if (strncmp(text, name, n) != 0 || (text[n] != '\0' && text[n] != ':'))
        return 0;
    if (text[n] == ':')
        *argument = text + n + 1;
    return 1;
}

static int read_lead(struct loo_oracle *oracle, const char *text, struct pref_err *err)
{
    static const struct pref_option lead = {"oracle majority", 0, PREF_OPTION_COUNT,
                                            offsetof(struct loo_oracle, lead), "M", ""};
    oracle->lead = 3;
    int status = text == NULL ? PREF_OK : pref_option_set(&lead, oracle, text, err);
    if (status == PREF_OK && oracle->lead == 0)
        return pref_usage(err, "--oracle majority: expected a lead of at least 1");
    return status;
}

static int read_posterior(struct loo_oracle *oracle, const char *text, struct pref_err *err)
{
    static const struct pref_option posterior = {"oracle posterior", 0, PREF_OPTION_SHARE,
                                                 offsetof(struct loo_oracle, posterior), "P", ""};
    const struct pref_share half = {1, 2};
    oracle->posterior = (struct pref_share){95, 100};
    int status = text == NULL ? PREF_OK : pref_option_set(&posterior, oracle, text, err);
    if (status == PREF_OK &&
        !pref_share_at_least(half, oracle->posterior.num, oracle->posterior.den))
        return pref_usage(err, "--oracle posterior: '%s', expected at least 0.5", text);
    return status;
}

/* A plain decimal: digits, and perhaps digits after a point. */
static int read_z(struct loo_oracle *oracle, const char *text, struct pref_err *err)
{
    oracle->z = 1.64;
    if (text == NULL)
        return PREF_OK;
    size_t whole = strspn(text, "0123456789");
    size_t rest = text[whole] == '.' ? 1 + strspn(text + whole + 1, "0123456789") : 0;
    if (whole == 0 || rest == 1 || text[whole + rest] != '\0' || (whole > 1 && text[0] == '0') ||
        pref_number_parse(pref_span_of(text), &oracle->z) != PREF_OK)
        return pref_usage(err, "--oracle strength: '%s', expected a number such as 1.64", text);
    return PREF_OK;
}

/* An option of exec: its default where it was not given. */
static int read_bound(uint64_t *value, const char *name, uint64_t least, uint64_t most,
                      uint64_t preset, struct pref_err *err)
{
    if (*value == NOT_GIVEN)
        *value = preset;
    if (*value >= least && *value <= most)
        return PREF_OK;
    return pref_usage(err, "--%s: expected %llu to %llu", name, (unsigned long long)least,
                      (unsigned long long)most);
}

/* --repeat, --budget, and the cache. */
static int read_answers(struct loo_oracle *oracle, struct pref_oracle_config *config,
                        struct pref_err *err)
{
    int status = read_bound(&oracle->repeat, "repeat", 1, 99, 1, err);
    if (status != PREF_OK)
        return status;
    if (oracle->repeat % 2 == 0)
        return pref_usage(err, "--repeat: %u, expected an odd number", (unsigned)oracle->repeat);
    if (oracle->budget == 0)
        return pref_usage(err, "--budget: expected at least 1");
    if (oracle->budget == NOT_GIVEN)
        oracle->budget = 0;
    if (oracle->salt != NULL && oracle->cache == NULL)
        return pref_usage(err, "--cache-salt needs --cache");
    config->repeat = (unsigned)oracle->repeat;
    config->cache = oracle->cache;
    config->salt = oracle->salt;
    return PREF_OK;
}

static int read_exec(struct loo_oracle *oracle, const char *command,
                     struct pref_oracle_config *config, struct pref_err *err)
{
    if (command == NULL || command[strspn(command, " \t\n")] == '\0')
        return pref_usage(err, "--oracle exec: expected a command, as in exec:./judge.py");
    int status = read_bound(&oracle->jobs, "jobs", 1, 256, 1, err);
    if (status == PREF_OK)
        status = read_bound(&oracle->timeout, "timeout", 1, 1000000, 60, err);
    if (status == PREF_OK)
        status = read_bound(&oracle->retries, "retries", 0, 1000, 3, err);
    config->command = command;
    config->jobs = (unsigned)oracle->jobs;
    config->timeout_ms = (unsigned)oracle->timeout * 1000u;
    config->retries = (unsigned)oracle->retries;
    return status == PREF_OK ? read_answers(oracle, config, err) : status;
}

/* An option that was given and that only exec has, or NULL. */
static const char *option_of_exec(const struct loo_oracle *oracle)
{
    const struct {
        const char *name;
        int given;
    } options[] = {{"jobs", oracle->jobs != NOT_GIVEN},
                   {"timeout", oracle->timeout != NOT_GIVEN},
                   {"retries", oracle->retries != NOT_GIVEN},
                   {"repeat", oracle->repeat != NOT_GIVEN},
                   {"budget", oracle->budget != NOT_GIVEN},
                   {"cache", oracle->cache != NULL},
                   {"cache-salt", oracle->salt != NULL}};
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        if (options[i].given)
            return options[i].name;
    return NULL;
}

void loo_oracle_preset(struct loo_oracle *oracle)
{
    *oracle = (struct loo_oracle){.jobs = NOT_GIVEN,
                                  .timeout = NOT_GIVEN,
                                  .retries = NOT_GIVEN,
                                  .repeat = NOT_GIVEN,
                                  .budget = NOT_GIVEN};
}

int loo_oracle_read(struct loo_oracle *oracle, const char *text, struct pref_oracle_config *config,
                    struct pref_err *err)
{
    const char *argument;
    if (text == NULL)
        return pref_usage(err, "--oracle is missing: " ORACLES);
    if (is_oracle(text, "exec", &argument)) {
        oracle->kind = LOO_EXEC;
        return read_exec(oracle, argument, config, err);
    }
    if (option_of_exec(oracle) != NULL)
        return pref_usage(err, "--%s needs --oracle exec:COMMAND", option_of_exec(oracle));
    if (is_oracle(text, "majority", &argument)) {
        oracle->kind = LOO_MAJORITY;
        return read_lead(oracle, argument, err);
    }
    if (is_oracle(text, "posterior", &argument)) {
        oracle->kind = LOO_POSTERIOR;
        return read_posterior(oracle, argument, err);
    }
    if (is_oracle(text, "strength", &argument)) {
        oracle->kind = LOO_STRENGTH;
        return read_z(oracle, argument, err);
    }
    return pref_usage(err, "--oracle: '%s', expected " ORACLES, text);
}
