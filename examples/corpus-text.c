/* SPDX-License-Identifier: Apache-2.0 */
/* make-corpus: the texts. Sentences are drawn from templates over small word lists. */
#include "config.h"

#include <string.h>

#include "corpus.h"

/* The lists, named by the capital letters that templates are made of. Everything is in the plural,
 * so that any verb fits any noun. Underscores stand for blanks. */
static const char *const lists[CORPUS_LISTS] = {
    /* determiners */
    ['D' - 'A'] = "the the the the these those some many most our their several",
    /* adjectives */
    ['A' - 'A'] =
        "careful heavy copper silent early bright narrow local patient modern wooden hidden "
        "northern cheap steady fragile ordinary distant hollow green seasonal public curious "
        "coarse simple rusty formal sturdy clever damp gentle remote shallow rapid uneven "
        "mature spare dense faint regular sealed young loose neutral crowded stable tidy "
        "broken tall mixed rough complete double urgent",
    /* nouns */
    ['N' - 'A'] =
        "bridges engines lanterns gardeners records teachers markets tunnels orchards filters "
        "pilots schedules kettles ledgers sailors windows batteries proofs letters turbines "
        "farmers recipes signals libraries compilers nurses mirrors contracts beetles valves "
        "maps students harbours statues queries tables wells bakers clocks fences judges "
        "towers samples rivers tools engineers gardens panels sketches couriers forests "
        "doctors meters copies rumours rooms drivers songs budgets cameras cellars weavers "
        "antennas reservoirs notebooks ferries auditors seeds villages violins printers "
        "glaciers columns arguments patients shelves editors wheels tariffs networks",
    /* verbs */
    ['V' - 'A'] =
        "measure repair follow carry describe avoid replace compare support collect question "
        "cover inspect cross open answer borrow connect delay paint watch improve store "
        "publish test protect surprise divide filter trade record warn visit restore sort feed "
        "guide move resist weigh combine check explain reach limit finish balance reward",
    /* modals */
    ['M' - 'A'] = "can should must may often_must will rarely_need_to tend_to cannot seldom",
    /* adverbs */
    ['R' - 'A'] =
        "quietly slowly usually seldom carefully rarely always openly together twice gladly "
        "simply often directly barely still",
    /* prepositions */
    ['P' - 'A'] = "near behind beyond inside across above around beside under along",
    /* places */
    ['L' - 'A'] =
        "the_harbour the_old_station the_valley the_workshop the_river the_main_square "
        "the_archive the_upper_floor the_quarry the_market_hall the_border the_north_gate "
        "the_laboratory the_canal the_school the_power_plant the_theatre the_orchard",
    /* times */
    ['T' - 'A'] =
        "in_spring after_dark before_noon twice_a_day every_winter on_Sundays at_low_tide "
        "in_1987 within_24_hours for_weeks since_last_year by_the_end_of_June",
    /* joints; a comma takes the place of the blank before it */
    ['C' - 'A'] = ",_and because while ,_but so_that unless although ,_so until",
    /* openers */
    ['O' - 'A'] =
        "in_practice, as_a_rule, first, next, finally, by_contrast, for_example, on_the_whole, "
        "in_our_tests, strictly_speaking, more_often, at_best,",
    /* words outside ASCII */
    ['X' - 'A'] = "caf\xc3\xa9s na\xc3\xafve_visitors se\xc3\xb1ores Z\xc3\xbcrich_trams "
                  "S\xc3\xa3o_Paulo_buses "
                  "\xce\xb4-waves \xd0\xbb\xd0\xb5\xd1\x81\xd0\xb0 \xe6\x9d\xb1\xe4\xba\xac_trains "
                  "\xc5\x82\xc3\xb3"
                  "dki f\xc3\xaates \xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d "
                  "\xf0\x9f\x99\x82_stickers \xe2\x82\xac"
                  "20_notes \xea\xb9\x80\xec\xb9\x98_jars "
                  "sm\xc3\xb8rrebr\xc3\xb8"
                  "d \xe2\x80\x9cquoted\xe2\x80\x9d_terms",
    /* asides */
    ['Q' - 'A'] =
        "(\"as_is\") \"for_now\" (see_below) \"the_plan\" and/or_less (50_%) -_or_so_they_say -",
    /* how a question begins */
    ['H' - 'A'] = "how_do why_do when_should how_can please_explain_how tell_me_why where_do "
                  "can_you_describe_how in_what_way_do",
    /* sentences that stand alone */
    ['S' - 'A'] = "Run_\"make_check\"_again. See_docs/guide.html#part-2. Use_C:\\temp\\out.txt. "
                  "\tprintf(\"%d\\n\",_n); It_costs_\xe2\x82\xac"
                  "12/kg. He_said:_\"no\". "
                  "Ratio:_3/4_(75_%). "
                  "{\"a\":_[1,_2]} a\\b_or_a/b! See_https://example.org/x. Na_und\xe2\x80\xa6?",
};

/* Sentences. Lower-case a and n are the adjective and noun that the prompt is about. */
static const char *const sentences[] = {
    "DANVDN",    "DNMVDANPL",          "ODNVDANT",         "DANVDNCDNVDN",
    "DNPLMVDAN", "ODANPLVDN",          "DNRVDANCDNMVDN",   "DanVDANPL",
    "DNVDanT",   "ODNPLRVDAN",         "DANMVDNCDANVDANT", "DnMVDNPL",
    "DNRVDNPLT", "DANPLVDANCDNMRVDAN", "DXVDAN",           "DANVDXT",
    "DNVDNQ",    "ODnRVDAN",           "DNMVDXCDNRVDN",    "S",
};
static const char *const questions[] = {"HDanVDN", "HDnVDANPL", "HDNVDanT", "HDanVDNCDNVDN",
                                        "HDXVDan"};

enum { SENTENCES = sizeof sentences / sizeof *sentences };
enum { QUESTIONS = sizeof questions / sizeof *questions };
enum { PURPOSE_PROMPT = 16, PURPOSE_TOPIC = 32, PURPOSE_RESPONSE = 48 };

/* The most one sentence can add: a word slot for each letter of the longest template. */
enum { SENTENCE_MAX = 20 * sizeof(struct corpus_word) };

void corpus_words_init(struct corpus_words *w)
{
    for (size_t i = 0; i < CORPUS_LISTS; i++) {
        const char *s = lists[i] == NULL ? "" : lists[i];
        w->n[i] = 0;
        while (*s != '\0') {
            struct corpus_word *word = &w->w[i][w->n[i]++];
            size_t n = strcspn(s, " ");
            for (size_t k = 0; k < n; k++)
                word->s[k] = (char)(s[k] == '_' ? ' ' : s[k]);
            word->s[n] = ' ';
            word->n = (uint8_t)(n + 1);
            s += n + (s[n] == ' ');
        }
    }
}

/* The words a record is about: its prompt's choice of one adjective and one noun. */
struct topic {
    const struct corpus_word *a, *n;
};

/* Four random numbers of 16 bits from each draw: words are many. */
struct dice {
    struct corpus_rng *r;
    uint64_t bits;
    unsigned left;
};

static uint32_t roll(struct dice *d, uint32_t n)
{
    if (d->left == 0) {
        d->bits = corpus_rng_next(d->r);
        d->left = 4;
    }
    uint32_t v = ((uint32_t)(d->bits & 0xffff) * n) >> 16;
    d->bits >>= 16;
    d->left--;
    return v;
}

static size_t list_of(char letter)
{
    return (size_t)(letter - 'A');
}

static struct topic topic_of(const struct corpus_spec *c, uint64_t owner)
{
    struct corpus_rng r = corpus_rng_for(c->seed, owner, PURPOSE_TOPIC);
    const struct corpus_words *w = &c->words;
    size_t a = list_of('A'), n = list_of('N');
    struct topic t;
    t.a = &w->w[a][corpus_rng_below(&r, w->n[a])];
    t.n = &w->w[n][corpus_rng_below(&r, w->n[n])];
    return t;
}

static void put_sentence(const struct corpus_words *w, struct topic about, const char *template,
                         const char *end, struct dice *d, struct corpus_text *t)
{
    if (sizeof t->s - t->n < SENTENCE_MAX)
        return;
    char *start = t->s + t->n;
    char *o = start;
    for (const char *p = template; *p != '\0'; p++) {
        const struct corpus_word *word;
        if (*p == 'a' || *p == 'n') {
            word = *p == 'a' ? about.a : about.n;
        } else {
            size_t list = list_of(*p);
            word = &w->w[list][roll(d, w->n[list])];
        }
        if (word->s[0] == ',')
            o--;
        memcpy(o, word->s, sizeof word->s);
        o += word->n;
    }
    if (*start >= 'a' && *start <= 'z')
        *start = (char)(*start - 'a' + 'A');
    o--;
    if (*template != 'S')
        *o++ = *end;
    *o++ = ' ';
    t->n = (size_t)(o - t->s);
}

/* Some sentences on a topic, a few of them ending a line or a paragraph. */
static void put_sentences(const struct corpus_words *w, struct topic about, uint32_t count,
                          struct dice *d, struct corpus_text *t)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t kind = roll(d, SENTENCES);
        /* Whole foreign sentences are rarer than the others. */
        if (sentences[kind][0] == 'S' && roll(d, 2) == 0)
            kind = 0;
        uint32_t at = roll(d, 64);
        put_sentence(w, about, sentences[kind], at < 3 ? "!" : ".", d, t);
        if (at >= 56)
            t->s[t->n - 1] = '\n';
        if (at >= 62)
            t->s[t->n++] = '\n';
    }
}

/* The blank or line end behind the last sentence is none of the text. */
static void trim(struct corpus_text *t)
{
    while (t->n > 0 && (t->s[t->n - 1] == ' ' || t->s[t->n - 1] == '\n'))
        t->n--;
}

void corpus_text_prompt(const struct corpus_spec *c, uint64_t owner, unsigned turn,
                        struct corpus_text *t)
{
    struct corpus_rng r = corpus_rng_for(c->seed, owner, PURPOSE_PROMPT + turn);
    struct dice d = {&r, 0, 0};
    struct topic about = topic_of(c, owner);
    t->n = 0;
    if (turn == 0) {
        uint32_t more = c->long_texts ? roll(&d, 7) : roll(&d, 8) == 0;
        put_sentences(&c->words, about, more, &d, t);
        put_sentence(&c->words, about, questions[roll(&d, QUESTIONS)], "?", &d, t);
    } else {
        put_sentences(&c->words, about, c->long_texts ? 1 + roll(&d, 3) : 1, &d, t);
    }
    trim(t);
}

void corpus_text_response(const struct corpus_spec *c, uint64_t index, uint64_t owner,
                          unsigned side, struct corpus_text *t)
{
    struct corpus_rng r = corpus_rng_for(c->seed, index, PURPOSE_RESPONSE + side);
    struct dice d = {&r, 0, 0};
    uint32_t count = c->long_texts ? 4 + roll(&d, 13) : 1 + roll(&d, 3);
    t->n = 0;
    /* A stock sentence alone would make different records equal. */
    put_sentence(&c->words, topic_of(c, owner), "DanMVDANPL", ".", &d, t);
    put_sentences(&c->words, topic_of(c, owner), count - 1, &d, t);
    trim(t);
}

void corpus_text_change(const struct corpus_spec *c, struct corpus_rng *r, unsigned count,
                        struct corpus_text *t)
{
    size_t list = list_of('N');
    for (unsigned i = 0; i < count; i++) {
        /* Each change has its own stretch of the text, and so its own word. */
        uint32_t stretch = (uint32_t)t->n / count;
        size_t from = i * stretch + corpus_rng_below(r, stretch / 2 + 1);
        const char *blank = memchr(t->s + from, ' ', t->n - from);
        if (blank == NULL || sizeof t->s - t->n < 2 * sizeof(struct corpus_word))
            return;
        size_t at = (size_t)(blank - t->s) + 1;
        const char *next = memchr(t->s + at, ' ', t->n - at);
        size_t end = next == NULL ? t->n : (size_t)(next - t->s);
        uint32_t pick = corpus_rng_below(r, c->words.n[list]);
        const struct corpus_word *word = &c->words.w[list][pick];
        size_t n = word->n - 1U;
        if (n == end - at && memcmp(word->s, t->s + at, n) == 0) {
            word = &c->words.w[list][pick == 0 ? 1 : pick - 1];
            n = word->n - 1U;
        }
        memmove(t->s + at + n, t->s + end, t->n - end);
        memcpy(t->s + at, word->s, n);
        t->n = t->n - (end - at) + n;
    }
}
